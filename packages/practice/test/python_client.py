"""What Python's requests makes of the practice API. Prints OK, or the assertion that failed."""

import sys

import requests

BASE = sys.argv[1]
session = requests.Session()
session.headers["Accept"] = "application/json"


def get(path, **options):
    return session.get(BASE + path, timeout=5, **options)


# Reads: one row, a filter, every page by the Link header.
response = get("/posts/1")
assert response.status_code == 200, response.status_code
assert response.headers["Content-Type"] == "application/json; charset=utf-8"
assert response.encoding == "utf-8"
assert response.headers["Content-Encoding"] == "gzip"
assert response.json()["title"].startswith("sunt aut facere"), response.text
posts = get("/posts", params={"userId": 1, "_limit": 3}).json()
assert [post["id"] for post in posts] == [1, 2, 3], posts
assert [user["id"] for user in get("/users", params={"name": "Leanne Graham"}).json()] == [1]

seen, url = [], BASE + "/posts?_page=1&_limit=10"
while url:
    page = session.get(url, timeout=5)
    assert page.headers["X-Total-Count"] == "100"
    seen += [post["id"] for post in page.json()]
    url = page.links.get("next", {}).get("url")
assert seen == list(range(1, 101)), seen
page, rows = 1, []
while batch := get("/posts", params={"_page": page}).json():
    rows, page = rows + batch, page + 1
assert (page, len(rows)) == (11, 100)

# Digest: one challenge, then a count with each request.
digest = requests.Session()
digest.auth = requests.auth.HTTPDigestAuth("user", "passwd")
for query in ("", "?algorithm=SHA-256", "?algorithm=MD5-SESS", "?qop=none"):
    for _ in range(3):
        answer = digest.get(BASE + "/auth/digest" + query, timeout=5)
        assert answer.json()["authenticated"] is True, answer.text
digest.auth = requests.auth.HTTPDigestAuth("user", "wrong")
assert digest.get(BASE + "/auth/digest", timeout=5).status_code == 401

# Writes.
created = session.post(BASE + "/posts", json={"title": "My New Post", "body": "Hello world", "userId": 1}, timeout=5)
assert created.status_code == 201
assert list(created.json()) == ["title", "body", "userId", "id"] and created.json()["id"] == 101
assert created.headers["Location"] == BASE + "/posts/101"
assert session.post(BASE + "/posts", data={"title": "form"}, timeout=5).json() == {"title": "form", "id": 101}
assert session.put(BASE + "/posts/1", json={"title": "t"}, timeout=5).json() == {"title": "t", "id": 1}
assert session.patch(BASE + "/posts/1", json={"title": "t"}, timeout=5).json()["userId"] == 1
assert session.delete(BASE + "/posts/1", timeout=5).json() == {}
assert session.delete(BASE + "/posts/1", headers={"Prefer": "return=minimal"}, timeout=5).content == b""

# What is not there, and what is not as it should be.
missing = get("/posts/99999")
assert (missing.status_code, missing.json()) == (404, {})
try:
    missing.raise_for_status()
    raise AssertionError("404 did not raise")
except requests.HTTPError:
    pass
bad = session.post(BASE + "/posts", data="{bad", headers={"Content-Type": "application/json"}, timeout=5)
assert bad.status_code == 400 and "error" in bad.json()

# Conditional requests.
tag = response.headers["ETag"]
fresh = get("/posts/1", headers={"If-None-Match": tag})
assert (fresh.status_code, fresh.content) == (304, b"")

# Authentication.
assert get("/auth/basic", auth=("user", "passwd")).json()["authenticated"]
assert get("/auth/basic", auth=("user", "no")).status_code == 401
assert get("/auth/key", headers={"X-API-Key": "practice-key"}).ok
token = session.post(
    BASE + "/auth/token",
    data={"grant_type": "client_credentials", "uses": 1},
    auth=("practice-client", "practice-secret"),
    timeout=5,
).json()
bearer = {"Authorization": "Bearer " + token["access_token"]}
assert [get("/auth/bearer", headers=bearer).status_code for _ in range(2)] == [200, 401]
session.post(BASE + "/auth/cookie/login", data={"username": "user", "password": "passwd"}, timeout=5)
assert get("/auth/cookie").json()["user"] == "user"

# Faults.
assert [get("/faults/status/503?times=1&run=python").status_code for _ in range(2)] == [503, 200]
for path, error in {
    "/faults/reset": requests.ConnectionError,
    "/faults/truncated": requests.exceptions.ChunkedEncodingError,
    "/faults/bad-json": requests.JSONDecodeError,
}.items():
    try:
        get(path).json()
        raise AssertionError(path + " did not fail")
    except error:
        pass
try:
    session.get(BASE + "/faults/stalled-body", timeout=0.2)
    raise AssertionError("the stalled body came")
except (requests.ConnectionError, requests.Timeout):
    pass
assert get("/faults/redirect?to=/posts/2").json()["title"] == "qui est esse"

# Echo, streams.
files = {"photo": ("a.txt", b"bytes", "text/plain")}
echo = session.post(BASE + "/echo", data={"note": "hi"}, files=files, timeout=5).json()
assert echo["form"] == {"note": "hi"} and echo["files"][0]["name"] == "a.txt", echo
lines = list(get("/stream/lines?n=3", stream=True).iter_lines())
assert len(lines) == 3
assert len(get("/stream/bytes?n=100000").content) == 100000
print("OK")
