//! Ingestion jobs: queue, leases, progress, cancellation, publication.
