//! Which failures of a Qdrant server may pass, and how often and how long to wait for that.

use std::future::Future;
use std::time::Duration;

use qdrant_client::QdrantError;
use tonic::Code;

use crate::store::StoreError;

/// Tries in all. With doubling waits that is about six seconds: a leader election, or one node's restart.
const TRIES: u32 = 6;
const FIRST_WAIT: Duration = Duration::from_millis(200);
/// A server that asks for a longer pause than this is treated as unavailable.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Repeats an idempotent call until it succeeds, is refused, or has failed [`TRIES`] times.
pub(super) async fn retry<T, F: Future<Output = Result<T, QdrantError>>>(
    call: impl FnMut() -> F,
) -> Result<T, StoreError> {
    retry_after(FIRST_WAIT, call).await
}

async fn retry_after<T, F: Future<Output = Result<T, QdrantError>>>(
    mut wait: Duration,
    mut call: impl FnMut() -> F,
) -> Result<T, StoreError> {
    for _ in 1..TRIES {
        let error = match call().await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        let asked = requested_wait(&error);
        if !may_pass(&error) || asked.is_some_and(|asked| asked > LONGEST_WAIT) {
            return Err(explain(&error));
        }
        tracing::debug!(error = %explain(&error), "the Qdrant server did not answer; trying again");
        tokio::time::sleep(asked.unwrap_or(wait).max(wait)).await;
        wait = (wait * 2).min(LONGEST_WAIT);
    }
    call().await.map_err(|error| explain(&error))
}

fn requested_wait(error: &QdrantError) -> Option<Duration> {
    match error {
        QdrantError::ResourceExhaustedError {
            retry_after_seconds,
            ..
        } => Some(Duration::from_secs(*retry_after_seconds)),
        QdrantError::ResponseError { .. }
        | QdrantError::ConversionError(_)
        | QdrantError::InvalidUri(_)
        | QdrantError::NoSnapshotFound(_)
        | QdrantError::Io(_)
        | QdrantError::JsonToPayload(_)
        | QdrantError::PayloadDeserialization(_) => None,
    }
}

fn may_pass(error: &QdrantError) -> bool {
    match error {
        QdrantError::ResourceExhaustedError { .. } | QdrantError::Io(_) => true,
        QdrantError::ResponseError { status } => code_may_pass(status.code()),
        QdrantError::ConversionError(_)
        | QdrantError::InvalidUri(_)
        | QdrantError::NoSnapshotFound(_)
        | QdrantError::JsonToPayload(_)
        | QdrantError::PayloadDeserialization(_) => false,
    }
}

const fn code_may_pass(code: Code) -> bool {
    match code {
        // The client reports its own timeouts as `Cancelled`.
        Code::Cancelled
        | Code::Unknown
        | Code::DeadlineExceeded
        | Code::ResourceExhausted
        | Code::Aborted
        | Code::Internal
        | Code::Unavailable => true,
        Code::Ok
        | Code::InvalidArgument
        | Code::NotFound
        | Code::AlreadyExists
        | Code::PermissionDenied
        | Code::FailedPrecondition
        | Code::OutOfRange
        | Code::Unimplemented
        | Code::DataLoss
        | Code::Unauthenticated => false,
    }
}

/// The error in our terms: refused, or unavailable. Metadata is left out; it may hold what a log should not.
pub(super) fn explain(error: &QdrantError) -> StoreError {
    let text = match error {
        QdrantError::ResponseError { status }
        | QdrantError::ResourceExhaustedError { status, .. } => {
            let message = status.message();
            format!(
                "Qdrant: {}{}{message}",
                status.code(),
                if message.is_empty() { "" } else { ": " }
            )
        }
        QdrantError::ConversionError(_)
        | QdrantError::InvalidUri(_)
        | QdrantError::NoSnapshotFound(_)
        | QdrantError::Io(_)
        | QdrantError::JsonToPayload(_)
        | QdrantError::PayloadDeserialization(_) => format!("Qdrant: {error}"),
    };
    if may_pass(error) {
        StoreError::Unavailable(text)
    } else {
        StoreError::Rejected(text)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use tonic::Status;

    use super::*;

    async fn failing_with(code: Code, failures: u32) -> (Result<u32, StoreError>, u32) {
        let calls = Cell::new(0);
        let result = retry_after(Duration::from_micros(10), || {
            calls.set(calls.get() + 1);
            let count = calls.get();
            async move {
                if count <= failures {
                    Err(QdrantError::from(Status::new(code, "no")))
                } else {
                    Ok(count)
                }
            }
        })
        .await;
        (result, calls.get())
    }

    #[tokio::test]
    async fn a_server_that_comes_back_is_not_an_error() {
        let (result, calls) = failing_with(Code::Unavailable, 3).await;
        assert_eq!((result.expect("the fourth call succeeds"), calls), (4, 4));
    }

    #[tokio::test]
    async fn a_server_that_stays_away_is_unavailable_in_the_end() {
        let (result, calls) = failing_with(Code::Unavailable, u32::MAX).await;
        assert!(matches!(result, Err(StoreError::Unavailable(_))));
        assert_eq!(calls, TRIES);
    }

    #[tokio::test]
    async fn a_refusal_is_not_repeated() {
        for code in [Code::InvalidArgument, Code::Unauthenticated, Code::NotFound] {
            let (result, calls) = failing_with(code, 1).await;
            assert!(matches!(result, Err(StoreError::Rejected(_))), "{code:?}");
            assert_eq!(calls, 1);
        }
    }

    #[tokio::test]
    async fn a_pause_longer_than_we_wait_is_passed_on() {
        let calls = Cell::new(0);
        let result: Result<(), _> = retry(|| {
            calls.set(calls.get() + 1);
            async {
                Err(QdrantError::ResourceExhaustedError {
                    status: Status::resource_exhausted("busy"),
                    retry_after_seconds: 60,
                })
            }
        })
        .await;
        assert!(matches!(result, Err(StoreError::Unavailable(_))));
        assert_eq!(calls.get(), 1);
    }
}
