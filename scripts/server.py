"""The real program as scripts drive it: started on a free port, asked over HTTP, ended or killed. Used by torture.py,
many.py and memory.py."""

import json
import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
import uuid


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def request(base, method, path, body=None, headers=None, timeout=120):
    call = urllib.request.Request(base + path, data=body, method=method, headers=headers or {})
    with urllib.request.urlopen(call, timeout=timeout) as response:
        return json.loads(response.read() or b"null")


def post_json(base, path, body):
    return request(base, "POST", path, json.dumps(body).encode(), {"content-type": "application/json"})


def multipart(files, metadata=None):
    """One body with several files: (name, bytes) each, and what is said of them all."""
    mark, parts = uuid.uuid4().hex, []
    if metadata:
        head = f'--{mark}\r\ncontent-disposition: form-data; name="metadata"\r\n\r\n'
        parts += [head.encode(), json.dumps(metadata).encode(), b"\r\n"]
    for name, content in files:
        # As browsers write it: UTF-8, with quotes and line ends escaped.
        shown = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
        head = f'--{mark}\r\ncontent-disposition: form-data; name="file"; filename="{shown}"\r\n\r\n'
        parts += [head.encode(), content, b"\r\n"]
    parts.append(f"--{mark}--\r\n".encode())
    return b"".join(parts), {"content-type": f"multipart/form-data; boundary={mark}"}


class Server:
    """One run of the real program."""

    def __init__(self, binary, data, environment=None):
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        # To a file: nobody reads a pipe here, and a full one would hold the server up in the middle of a log line.
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [binary, "serve", "--data", data, "--listen", f"127.0.0.1:{self.port}"],
            env={**os.environ, "WENYUAN_GENERATE__ENABLED": "false", **(environment or {})},
            stdout=subprocess.DEVNULL, stderr=self.log)

    def wait_ready(self, seconds=120):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.check_running()
            try:
                request(self.base, "GET", "/readyz", timeout=5)
                return
            except (urllib.error.URLError, OSError):
                time.sleep(0.02)
        raise SystemExit("the server did not become ready")

    def check_running(self):
        if self.process.poll() is not None:
            self.log.seek(0)
            raise SystemExit(f"the server ended by itself: {self.log.read().decode(errors='replace')[-4000:]}")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.log.close()

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=120)
        self.log.close()


def ensure_knowledge_base(base, name):
    listed = request(base, "GET", "/api/v1/knowledge-bases")
    listed = listed["knowledge_bases"] if isinstance(listed, dict) else listed
    if name not in [found["name"] for found in listed]:
        post_json(base, "/api/v1/knowledge-bases", {"name": name})


def all_documents(base, knowledge_base):
    documents, cursor = [], ""
    while True:
        page = request(base, "GET", f"/api/v1/knowledge-bases/{knowledge_base}/documents?limit=1000{cursor}")
        documents += page["documents"]
        if not page.get("next_cursor"):
            return documents
        cursor = f"&cursor={page['next_cursor']}"


def wait_settled(base, knowledge_base, seconds=900):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        documents = all_documents(base, knowledge_base)
        if all(document["status"] not in ("queued", "running") for document in documents):
            return documents
        time.sleep(0.5)
    raise SystemExit(f"documents are still queued or running after {seconds} seconds")


def text_of(base, knowledge_base, document, timeout=60):
    place = f"{base}/api/v1/knowledge-bases/{knowledge_base}/documents/{document}/text"
    with urllib.request.urlopen(place, timeout=timeout) as response:
        return response.read().decode()
