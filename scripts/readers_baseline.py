"""The LangChain side of readers_bench.py: its loaders, its splitter, and a whole ingestion, with the time of each. Runs in the
baseline's own environment, and prints one JSON object.

    python readers_baseline.py read FILE...
    python readers_baseline.py split FILE... --onnx FOLDER
    python readers_baseline.py ingest FILE... --onnx FOLDER

Loading Python's packages and the model is not part of any time.
"""

import argparse
import json
import logging
import os
import pathlib
import time
import warnings

import numpy
import onnxruntime
from langchain_community.document_loaders import BSHTMLLoader, Docx2txtLoader, PyPDFLoader, TextLoader
from langchain_core.embeddings import Embeddings
from langchain_qdrant import QdrantVectorStore
from langchain_text_splitters import RecursiveCharacterTextSplitter
from qdrant_client import QdrantClient
from qdrant_client.models import Distance, VectorParams
from tokenizers import Tokenizer

CHARACTERS, OVERLAP = 1600, 200  # as the other baseline has them
TOKENS = 400  # as Wenyuan's setting has it
BATCH = 32


def loader_of(path):
    match path.suffix.lower():
        case ".pdf":
            return PyPDFLoader(str(path))
        case ".docx":
            return Docx2txtLoader(str(path))
        case ".html" | ".htm":
            return BSHTMLLoader(str(path), bs_kwargs={"features": "lxml"})
        case _:
            return TextLoader(str(path), autodetect_encoding=True)


def timed(work):
    begun = time.perf_counter()
    try:
        result, error = work(), None
    except Exception as failure:  # whatever a loader throws is its answer for this file
        result, error = [], f"{type(failure).__name__}: {failure}"[:200]
    return result, error, time.perf_counter() - begun


def read(files):
    rows = []
    for path in files:
        loaded, error, seconds = timed(lambda: loader_of(path).load())
        characters = sum(len(document.page_content) for document in loaded)
        rows.append({"file": str(path), "seconds": seconds, "pages": len(loaded), "characters": characters,
                     "error": error or (None if characters else "no text")})
    return {"files": rows}


class OnnxEmbeddings(Embeddings):
    """The embedder that Wenyuan has, called as one calls an ONNX model from Python."""

    def __init__(self, folder):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = os.cpu_count()
        self.session = onnxruntime.InferenceSession(str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"])
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.enable_truncation(512)
        self.tokenizer.enable_padding()
        self.cpu, self.texts = 0.0, 0

    def embed_documents(self, texts):
        begun, vectors = time.process_time(), []
        for start in range(0, len(texts), BATCH):
            encoded = self.tokenizer.encode_batch(texts[start:start + BATCH])
            out = self.session.run(None, {"input_ids": numpy.array([one.ids for one in encoded], numpy.int64),
                                          "attention_mask": numpy.array([one.attention_mask for one in encoded], numpy.int64)})[0]
            vectors += (out / numpy.linalg.norm(out, axis=1, keepdims=True)).tolist()
        self.cpu += time.process_time() - begun
        self.texts += len(texts)
        return vectors

    def embed_query(self, text):
        return self.embed_documents([text])[0]


def split(files, folder):
    """By characters, as it does unless told otherwise, and by the tokens of the embedder, which is what Wenyuan does."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    splitters = {
        "characters": RecursiveCharacterTextSplitter(chunk_size=CHARACTERS, chunk_overlap=OVERLAP),
        "tokens": RecursiveCharacterTextSplitter(chunk_size=TOKENS, chunk_overlap=0,
                                                 length_function=lambda text: len(tokenizer.encode(text, add_special_tokens=False).ids)),
    }
    rows = []
    for path in files:
        text = path.read_text(encoding="utf-8")
        for name, splitter in splitters.items():
            chunks, error, seconds = timed(lambda: splitter.split_text(text))
            rows.append({"file": str(path), "by": name, "seconds": seconds, "bytes": path.stat().st_size, "chunks": len(chunks), "error": error})
    return {"files": rows}


def ingest(files, folder):
    embeddings = OnnxEmbeddings(folder)
    splitter = RecursiveCharacterTextSplitter(chunk_size=CHARACTERS, chunk_overlap=OVERLAP)
    client = QdrantClient(":memory:")
    client.create_collection("kb", vectors_config=VectorParams(size=len(embeddings.embed_query("size")), distance=Distance.COSINE))
    store = QdrantVectorStore(client=client, collection_name="kb", embedding=embeddings)
    embeddings.cpu, chunks_total, failed = 0.0, 0, []
    cpu = dict.fromkeys(("reading", "splitting", "embedding", "rest"), 0.0)
    begun, cpu_begun = time.perf_counter(), time.process_time()
    for path in files:
        at = time.process_time()
        loaded, error, _ = timed(lambda: loader_of(path).load())
        cpu["reading"] += time.process_time() - at
        if error:
            failed.append(f"{path.name}: {error}")
            continue
        at = time.process_time()
        chunks = splitter.split_documents(loaded)
        cpu["splitting"] += time.process_time() - at
        chunks_total += len(chunks)
        if chunks:
            store.add_documents(chunks)
    cpu["embedding"] = embeddings.cpu
    total = time.process_time() - cpu_begun
    cpu["rest"] = total - sum(cpu.values())
    return {"seconds": time.perf_counter() - begun, "documents": len(files) - len(failed), "chunks": chunks_total, "failed": failed,
            "cpu_s": cpu, "texts_embedded": embeddings.texts}


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("what", choices=["read", "split", "ingest"])
    arguments.add_argument("files", nargs="+", type=pathlib.Path)
    arguments.add_argument("--onnx", type=pathlib.Path)
    options = arguments.parse_args()
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    work = {"read": lambda: read(options.files), "split": lambda: split(options.files, options.onnx),
            "ingest": lambda: ingest(options.files, options.onnx)}
    print(json.dumps(work[options.what](), ensure_ascii=False))


if __name__ == "__main__":
    main()
