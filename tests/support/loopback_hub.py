"""Imitates the Hugging Face Hub on this machine, and misbehaves where it is told to.

    python loopback_hub.py ROOT

Serves the folders ROOT/models/OWNER/NAME/REVISION and ROOT/datasets/OWNER/NAME/REVISION through the hub's API: as much
of it as huggingface_hub and this program use. A revision's commit is made of its content, so that a file that changes
moves the branch. Files of 1 MiB, and those the hub always keeps as large ones, come from a second server under another
name, as the hub's storage does. Writes both addresses to ROOT/address (a line each) when it is ready, and a line of
JSON for each request to ROOT/log.

ROOT/behaviour.json, read anew for each request, may hold:

    token       a token that is needed for what is `private` and good for what is `gated`
    private     ["OWNER/NAME", …]: not shown without the token
    gated       ["OWNER/NAME", …]: shown, but files need the token
    names       ["../x", …]: further names in every listing
    faults      [{"path": REGEX, …}, …]: the first one that matches "SERVER PATH" is carried out:
                status, headers, message   an error in the answer's place
                cut_after                  ends the connection after so many bytes of a file
                corrupt                    changes the first byte of what is sent
                whole                      ignores the range that was asked for
                bytes_per_second           sends slowly
                redirect                   to this address
                times                      so many times, then no more; always unless given
"""

import hashlib
import json
import re
import sys
import threading
import time
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote, urlsplit

LARGE_KINDS = {".safetensors", ".parquet", ".bin", ".gz"}
LARGE = 1 << 20
PAGE = 3


@lru_cache(maxsize=None)
def hashes(path, _size, _time):
    """Git's SHA-1 of the blob, and SHA-256."""
    content = path.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest(), hashlib.sha256(content).hexdigest()


class File:
    def __init__(self, path, name):
        self.path, self.name = path, name
        status = path.stat()
        self.size = status.st_size
        self.is_large = self.size >= LARGE or path.suffix in LARGE_KINDS
        self.oid, self.sha256 = hashes(path, status.st_size, status.st_mtime_ns)

    def etag(self):
        return self.sha256 if self.is_large else self.oid

    def entry(self):
        entry = {"type": "file", "path": self.name, "size": self.size, "oid": self.oid}
        if self.is_large:
            entry["oid"] = hashlib.sha1(b"pointer " + self.sha256.encode()).hexdigest()
            entry["lfs"] = {"oid": self.sha256, "size": self.size, "pointerSize": 134}
        return entry


class Repository:
    def __init__(self, folder):
        self.folder = folder
        self.trees = {}
        self.commits = {}
        for revision in sorted(folder.iterdir()):
            files = sorted(path for path in revision.rglob("*") if path.is_file())
            tree = [File(path, path.relative_to(revision).as_posix()) for path in files]
            content = "".join(f"{file.name}\0{file.oid}\n" for file in tree)
            commit = hashlib.sha1(content.encode()).hexdigest()
            self.commits[revision.name] = commit
            self.trees[commit] = tree

    def commit(self, revision):
        return revision if revision in self.trees else self.commits.get(revision)


class Refusal(Exception):
    def __init__(self, status, code="", message=""):
        super().__init__(message)
        self.status, self.code = status, code


class Hub:
    def __init__(self, root):
        self.root = root
        self.lock = threading.Lock()
        self.counts = {}
        self.storage = self.endpoint = ""

    def behaviour(self):
        file = self.root / "behaviour.json"
        return json.loads(file.read_text()) if file.exists() else {}

    def fault(self, what):
        for fault in self.behaviour().get("faults", []):
            if not re.search(fault["path"], what):
                continue
            key = json.dumps(fault)
            with self.lock:
                self.counts[key] = self.counts.get(key, 0) + 1
                if self.counts[key] <= fault.get("times", sys.maxsize):
                    return fault
        return {}

    def log(self, **what):
        with self.lock, (self.root / "log").open("a") as file:
            file.write(json.dumps(what) + "\n")

    def repository(self, kind, name, token, wants_file):
        behaviour = self.behaviour()
        is_known = token is not None and token == behaviour.get("token")
        if token is not None and not is_known:
            raise Refusal(401, "", "Invalid credentials in Authorization header")
        folder = self.root / kind / name
        is_hidden = name in behaviour.get("private", []) and not is_known
        if is_hidden or not folder.is_dir():
            raise Refusal(404 if is_known else 401, "RepoNotFound", "Repository not found")
        if wants_file and name in behaviour.get("gated", []) and not is_known:
            raise Refusal(401, "GatedRepo", "Access to this repository is restricted")
        return Repository(folder)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub = None
    name = ""

    def log_message(self, *_):
        pass

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        url = urlsplit(self.path)
        self.fault = self.hub.fault(f"{self.name} {unquote(url.path)}")
        self.status = 0
        try:
            self.answer(url)
        except Refusal as refusal:
            self.send({}, json.dumps({"error": str(refusal)}).encode(), refusal.status, refusal)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
        finally:
            authorization = self.headers.get("Authorization")
            self.hub.log(server=self.name, method=self.command, path=unquote(self.path), status=self.status,
                         range=self.headers.get("Range"), authorization=authorization)

    def answer(self, url):
        if "status" in self.fault:
            refusal = Refusal(self.fault["status"], "", self.fault.get("message", ""))
            return self.send(self.fault.get("headers", {}), b"", refusal.status, refusal)
        if "redirect" in self.fault:
            return self.send({"Location": self.fault["redirect"]}, b"", 302)
        return self.route(url)

    def send(self, headers, body, status=200, refusal=None):
        self.status = status
        self.send_response(status)
        if refusal is not None and refusal.code:
            self.send_header("X-Error-Code", refusal.code)
        if refusal is not None and str(refusal):
            self.send_header("X-Error-Message", str(refusal))
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def send_file(self, file, headers):
        """With ranges, and with what the fault does to a file."""
        start = 0
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if asked and not self.fault.get("whole"):
            start = int(asked[1])
            if start >= file.size:
                return self.send({"Content-Range": f"bytes */{file.size}"}, b"", 416)
            headers["Content-Range"] = f"bytes {start}-{file.size - 1}/{file.size}"
        self.status = 206 if "Content-Range" in headers else 200
        self.send_response(self.status)
        for name, value in {**headers, "Content-Length": str(file.size - start)}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return None
        with file.path.open("rb") as stream:
            stream.seek(start)
            self.send_bytes(stream, file.size - start)
        return None

    def send_bytes(self, stream, left):
        cut = self.fault.get("cut_after")
        speed = self.fault.get("bytes_per_second")
        piece = min(speed // 20 or 1, LARGE) if speed else LARGE
        left = left if cut is None else min(left, cut)
        is_first = True
        while left > 0:
            content = bytearray(stream.read(min(piece, left)))
            if is_first and self.fault.get("corrupt"):
                content[0] ^= 1
            is_first = False
            self.wfile.write(content)
            self.wfile.flush()
            left -= len(content)
            if speed:
                time.sleep(len(content) / speed)
        if cut is not None:
            self.close_connection = True


class HubHandler(Handler):
    name = "hub"

    def route(self, url):
        path = unquote(url.path)
        patterns = [
            (r"/api/(models|datasets)/([^/]+/[^/]+)(?:/revision/(.+))?", self.describe),
            (r"/api/(models|datasets)/([^/]+/[^/]+)/tree/([^/]+|refs/[^/]+/[^/]+)", self.list),
            (r"/api/resolve-cache/(models|datasets)/([^/]+/[^/]+)/([0-9a-f]{40})/(.+)", self.give),
            (r"/(datasets/)?([^/]+/[^/]+)/resolve/([^/]+|refs/[^/]+/[^/]+)/(.+)", self.resolve),
        ]
        for pattern, answer in patterns[1:] + patterns[:1]:
            found = re.fullmatch(pattern, path)
            if found:
                return answer(url, *found.groups())
        raise Refusal(404, "", "Not found")

    def find(self, kind, name, revision, wants_file=False):
        authorization = self.headers.get("Authorization")
        token = authorization.removeprefix("Bearer ") if authorization else None
        repository = self.hub.repository(kind, name, token, wants_file)
        commit = repository.commit(revision or "main")
        if commit is None:
            raise Refusal(404, "RevisionNotFound", "Invalid rev id: " + revision)
        return repository.trees[commit], commit

    def describe(self, _url, kind, name, revision):
        tree, commit = self.find(kind, name, revision)
        siblings = [{"rfilename": file.name} for file in tree]
        self.send_json({"_id": "0", "id": name, "sha": commit, "private": False, "siblings": siblings, "tags": [],
                        "downloads": 0, "likes": 0})

    def list(self, url, kind, name, revision):
        tree, _ = self.find(kind, name, revision)
        entries = [file.entry() for file in tree]
        for extra in self.hub.behaviour().get("names", []):
            entries.append({"type": "file", "path": extra, "size": 1, "oid": hashlib.sha1(b"x").hexdigest()})
        folders = sorted({str(Path(file.name).parent) for file in tree} - {"."})
        entries += [{"type": "directory", "path": folder, "size": 0, "oid": "0" * 40} for folder in folders]
        start = int(parse_qs(url.query).get("cursor", ["0"])[0])
        headers = {}
        if start + PAGE < len(entries):
            more = f"{self.hub.endpoint}{quote(unquote(url.path))}?recursive=true&expand=false&cursor={start + PAGE}"
            headers["Link"] = f'<{more}>; rel="next"'
        self.send_json(entries[start : start + PAGE], headers)

    def send_json(self, value, headers=None):
        self.send({"Content-Type": "application/json", **(headers or {})}, json.dumps(value).encode())

    def file(self, kind, name, revision, path):
        tree, commit = self.find(kind, name, revision, wants_file=True)
        for file in tree:
            if file.name == path:
                return file, commit
        refusal = Refusal(404, "EntryNotFound", "Entry not found")
        self.send({"X-Repo-Commit": commit}, b"Entry not found", 404, refusal)
        return None, commit

    def resolve(self, _url, prefix, name, revision, path):
        kind = "datasets" if prefix else "models"
        file, commit = self.file(kind, name, revision, path)
        if file is None:
            return
        headers = {"X-Repo-Commit": commit, "X-Linked-Size": str(file.size)}
        if file.is_large:
            headers["X-Linked-Etag"] = f'"{file.sha256}"'
            headers["Location"] = f"{self.hub.storage}/{kind}/{name}/{file.path.parent.relative_to(self.hub.root / kind / name)}/{quote(file.path.name)}"
            return self.send(headers, b"", 302)
        headers["ETag"] = f'"{file.oid}"'
        headers["Location"] = f"/api/resolve-cache/{kind}/{name}/{commit}/{quote(path)}"
        return self.send(headers, b"", 307)

    def give(self, _url, kind, name, commit, path):
        file, commit = self.file(kind, name, commit, path)
        if file is not None:
            self.send_file(file, {"X-Repo-Commit": commit, "ETag": f'"{file.oid}"'})


class StorageHandler(Handler):
    name = "storage"

    def route(self, url):
        path = self.hub.root / unquote(url.path).lstrip("/")
        if not path.is_file() or ".." in path.parts:
            raise Refusal(404, "", "No such object")
        self.send_file(File(path, path.name), {"ETag": '"storage"'})


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    Handler.hub = hub = Hub(Path(sys.argv[1]).resolve())
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), handler) for handler in (HubHandler, StorageHandler)]
    hub.endpoint = f"http://127.0.0.1:{servers[0].server_port}"
    hub.storage = f"http://localhost:{servers[1].server_port}"
    threading.Thread(target=servers[1].serve_forever, daemon=True).start()
    address = hub.root / "address.new"
    address.write_text(f"{hub.endpoint}\n{hub.storage}\n")
    address.rename(hub.root / "address")
    servers[0].serve_forever()


if __name__ == "__main__":
    main()
