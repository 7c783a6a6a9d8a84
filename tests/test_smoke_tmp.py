def test_pages(client, stage, make_comment):
    make_comment(email="a@b.jp")
    for url in ["/", "/ja/", "/en/", "/ja/stages/5th", "/en/stages/5th/measures/1-1", "/ja/stages/5th/measures/1-1/comment", "/ja/receipts", "/ja/about", "/en/nope", "/ja/letters"]:
        r = client.get(url)
        print(url, r.status_code, r.headers.get("ETag"), r.headers.get("Location"))
        assert r.status_code in (200, 302, 404), r.get_data(as_text=True)[:500]
