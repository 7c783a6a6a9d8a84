"""Wordings that speak of the same subject, each group held together by words its members share."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from worker.analysis.corpus import Corpus

CANDIDATES = 400
SAMPLE = 150
COMMON = 0.5
COMPANIONS = 3
SHARE = 0.3
ALIKE = 0.12
DOUBT = 6


@dataclass(frozen=True, slots=True)
class Group:
    """Every member uses at least one of `terms`, the numbers of its words, the leading one first."""

    terms: tuple[int, ...]
    members: tuple[int, ...]


def grouped(corpus: Corpus, known: Collection[str], limit: int) -> list[Group]:
    """At most `limit` groups of two or more wordings; a wording is in one group or in none."""
    leads = leading_terms(corpus, known, limit)
    centres = {lead: centre(corpus, corpus.users[lead]) for lead in leads}
    circles = assigned(corpus, {lead: (lead,) for lead in leads}, centres, range(len(corpus.wordings)))
    circles = {lead: members for lead, members in circles.items() if len(members) > 1}
    terms = {lead: (lead, *companions(corpus, lead, circles[lead], known)) for lead in circles}
    centres = {lead: centre(corpus, circles[lead]) for lead in circles}
    left = sorted(set(range(len(corpus.wordings))).difference(*circles.values()))
    joined = assigned(corpus, terms, centres, left)
    return [
        Group(terms[lead], tuple(sorted([*members, *joined.get(lead, ())])))
        for lead, members in circles.items()
    ]


def leading_terms(corpus, known, limit):
    quotable = [w.quotable for w in corpus.wordings]
    count = len(corpus.wordings)
    def ok(t):
        return (corpus.nouns[t] and corpus.words[t] not in known and len(corpus.users[t])<=COMMON*count
                and sum(quotable[w] for w in corpus.users[t])>1)
    cand = [t for t in range(len(corpus.words)) if len(corpus.users[t])>1 and ok(t)]
    cand.sort(key=lambda t: (-len(corpus.users[t])*corpus.weights[t], t))
    cand = cand[:CANDIDATES]
    base = likeness(corpus, range(count), None)
    excess = {t: likeness(corpus, corpus.users[t], t, base)-base for t in cand}
    masks = {t: sum(1<<w for w in corpus.users[t]) for t in cand}
    left = (1<<count)-1
    leads=[]
    while len(leads)<limit:
        best=max(cand,key=lambda t:(score((masks[t]&left).bit_count(),excess[t]),-t),default=None)
        if best is None: break
        n=(masks[best]&left).bit_count()
        if score(n,excess[best])<=0: break
        leads.append(best)
        left&=~masks[best]
    return leads

def score(n,excess):
    return n**ALPHA*max(excess,0)**BETA if n>1 else 0

ALPHA=1;BETA=1
def likeness(corpus, places, without, base=None):
    places=sampled(places)
    n=len(places)
    total: dict[int,float]={}
    own=0.
    for p in places:
        for t in corpus.terms[p]:
            if t!=without and corpus.weights[t]:
                x=corpus.weights[t]/corpus.lengths[p]
                total[t]=total.get(t,0)+x
                own+=x*x
    pairs=n*(n-1)
    s=sum(x*x for x in total.values())-own
    if base is None: return s/pairs
    return (s+base*DOUBT)/(pairs+DOUBT)

def sampled(places):
    k=len(places)
    return places if k<=SAMPLE else [places[i*k//SAMPLE] for i in range(SAMPLE)]

def centre(corpus, places):
    total={}
    for p in sampled(places):
        for t in corpus.terms[p]:
            if corpus.weights[t]:
                total[t]=total.get(t,0.)+corpus.weights[t]/corpus.lengths[p]
    import math
    n=math.hypot(*total.values()) or 1.
    return {t:x/n for t,x in total.items()}

def assigned(corpus, terms, centres, places):
    by_term={}
    for lead, ts in terms.items():
        for t in ts: by_term.setdefault(t,[]).append(lead)
    out={lead:[] for lead in terms}
    for p in places:
        leads=dict.fromkeys(l for t in corpus.terms[p] for l in by_term.get(t,()))
        best=max(((sim(corpus,p,centres[l]),-l) for l in leads),default=None)
        if best and best[0]>=ALIKE: out[-best[1]].append(p)
    return out

def sim(corpus,p,c):
    return sum(corpus.weights[t]*c.get(t,0.) for t in corpus.terms[p])/(corpus.lengths[p] or 1)

def companions(corpus, lead, members, known):
    import collections,math
    quot=[p for p in members if corpus.wordings[p].quotable]
    cnt=collections.Counter(t for p in quot for t in corpus.terms[p] if corpus.nouns[t] and t!=lead and corpus.weights[t])
    N=len(corpus.wordings)
    def sc(t):
        share=cnt[t]/len(quot)
        return share*math.log(share/(len(corpus.users[t])/N))
    good=[t for t in cnt if cnt[t]>1 and cnt[t]>=SHARE*len(quot) and corpus.words[t] not in known and sc(t)>0.3]
    return sorted(good,key=lambda t:(-sc(t),t))[:COMPANIONS]
