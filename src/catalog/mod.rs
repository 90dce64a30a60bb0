//! The catalog: knowledge bases, documents, versions, chunks and jobs. With the blobs it is the truth; the index
//! is a projection of it.
