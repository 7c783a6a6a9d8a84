"""Topics as libraries make them: run by a Python that has them, with texts on its input.

It must not import anything of the house.
"""

import json
import resource
import sys
import time


def kmeans(texts, topics):
    """TF-IDF of character pairs, k-means, and of each topic the text nearest to its middle."""
    from sklearn.cluster import KMeans
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.metrics import pairwise_distances_argmin_min

    vectors = TfidfVectorizer(analyzer="char", ngram_range=(2, 2), min_df=2).fit_transform(texts)
    found = KMeans(topics, n_init=1, random_state=7).fit(vectors)
    quotes, _ = pairwise_distances_argmin_min(found.cluster_centers_, vectors)
    return topics, len(set(quotes))


def bertopic(texts, topics):
    """BERTopic with vectors of TF-IDF and SVD, so that it needs no download."""
    from bertopic import BERTopic
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    pairs = TfidfVectorizer(analyzer="char", ngram_range=(2, 2), min_df=2).fit_transform(texts)
    vectors = TruncatedSVD(50, random_state=7).fit_transform(pairs)
    model = BERTopic(nr_topics=topics, calculate_probabilities=False)
    model.fit_transform(texts, vectors)
    quoted = [t for t, docs in model.get_representative_docs().items() if t != -1 and docs]
    return len([t for t in model.get_topics() if t != -1]), len(quoted)


def main():
    texts, topics = json.load(sys.stdin), int(sys.argv[2])
    model = {"kmeans": kmeans, "bertopic": bertopic}[sys.argv[1]]
    model(texts[:50], 2)  # the libraries are loaded once
    start = time.perf_counter()
    points, quoted = model(texts, topics)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    measured = {"seconds": seconds, "megabytes": peak, "points": points, "quoted": quoted}
    sys.stdout.write(json.dumps(measured))


main()
