"""The same vectors in others' indexes, for scale.py: `langchain` is LangChain's Qdrant store in memory, `faiss` a flat FAISS index.

    python scripts/scale_others.py langchain|faiss CHUNKS QUESTIONS EXACT

Each line on standard input, a number of results wanted, has all questions asked once; a line of JSON answers."""

import json
import pathlib
import sys
import time

import numpy

DIMENSION = 512


def vectors(path):
    rows = numpy.fromfile(path, dtype="<f4").reshape(-1, DIMENSION)
    return rows / numpy.linalg.norm(rows, axis=1, keepdims=True)


def resident_mb():
    lines = pathlib.Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024


def langchain(rows):
    from langchain_core.embeddings import Embeddings
    from langchain_qdrant import QdrantVectorStore
    from qdrant_client import QdrantClient
    from qdrant_client.models import Distance, VectorParams

    class Given(Embeddings):
        """Texts are numbers of rows: what is timed is the store, not an embedder."""

        def embed_documents(self, texts):
            return rows[[int(text) for text in texts]].tolist()

        def embed_query(self, text):
            return rows[int(text)].tolist()

    client = QdrantClient(":memory:")
    client.create_collection("scale", vectors_config=VectorParams(size=DIMENSION, distance=Distance.COSINE))
    store = QdrantVectorStore(client=client, collection_name="scale", embedding=Given(), validate_collection_config=False)
    store.add_texts([str(number) for number in range(len(rows))], batch_size=1000)

    def search(question, limit):
        return [int(document.page_content) for document in store.similarity_search_by_vector(question.tolist(), k=limit)]

    return search


def faiss(rows):
    import faiss

    index = faiss.IndexFlatIP(DIMENSION)
    index.add(rows)

    def search(question, limit):
        return index.search(question[None, :], limit)[1][0].tolist()

    return search


def main(which, chunks, questions, exact):
    rows, questions, exact = vectors(chunks), vectors(questions), json.loads(pathlib.Path(exact).read_text())
    before, begun = resident_mb(), time.monotonic()
    search = {"langchain": langchain, "faiss": faiss}[which](rows)
    built = {"built_s": time.monotonic() - begun, "grew_mb": resident_mb() - before}
    for line in sys.stdin:
        limit, timings, there = int(line), [], 0
        for question, nearest in zip(questions, exact):
            begun = time.perf_counter()
            found = search(question, limit)
            timings.append((time.perf_counter() - begun) * 1e3)
            there += len(set(found) & set(nearest[:limit]))
        print(json.dumps({"ms": timings, "recall": there / (limit * len(questions)), **built}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
