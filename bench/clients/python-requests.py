"""Python's requests in a process of its own; speaks the protocol of runner.ts, and does the work of the scenarios again."""

import json
import os
import resource
import sys
import time

import requests

session = requests.Session()


def url_of(place, turn):
    return f"{place['origin']}/posts/{turn % 1000}?userId={turn % 10}"


def get_json(place, units):
    for turn in range(units):
        data = session.get(url_of(place, turn), headers={"x-turn": str(turn)}).json()
        assert "id" in data


def post_json(place, units):
    for turn in range(units):
        data = {"userId": turn, "title": "sunt aut facere repellat", "tags": ["a", "b"], "body": "x" * 930}
        url = f"{place['origin']}/posts?turn={turn % 1000}"
        assert "id" in session.post(url, json=data, headers={"x-turn": str(turn)}).json()


def large(place, units):
    for _ in range(units):
        assert len(session.get(f"{place['origin']}/large").json()) >= 10_000


def pages(place, units):
    total = 0
    url = f"{place['origin']}/items?page=1&last={units}"
    while url is not None:
        response = session.get(url)
        for row in response.json():
            total += row["id"]
        url = response.links.get("next", {}).get("url")
    rows = units * 100
    assert total == rows * (rows + 1) // 2


def download(place, units):
    path = os.path.join(place["folder"], f"download-{os.getpid()}")
    with session.get(f"{place['origin']}/mebibytes/{units}", stream=True) as response, open(path, "wb") as file:
        for chunk in response.iter_content(1024 * 1024):
            file.write(chunk)
    assert os.path.getsize(path) == units * 1024 * 1024
    os.remove(path)


def upload(place, units):
    with open(os.path.join(place["folder"], f"upload-{units}.bin"), "rb") as file:
        answer = session.post(place["uploads"], data={"note": "hi"}, files={"file": file}).json()
    assert answer["bytes"] > units * 1024 * 1024


WORK = {"S1": get_json, "S3": post_json, "S4": large, "S5": download, "S6": pages, "S9": upload}


def peak():
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) / 1000
    except OSError:
        pass
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def main():
    work = WORK[sys.argv[1]]
    place = json.loads(sys.argv[3])
    print("ready", flush=True)
    for line in sys.stdin:
        wall, cpu = time.perf_counter(), time.process_time()
        work(place, int(line))
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        print(json.dumps({"wall": wall * 1000, "cpu": cpu * 1000, "peak": peak()}), flush=True)


main()
