//! Office files under a password: the package inside their container, taken out with the password.
//!
//! Word, Excel and PowerPoint put the encrypted package into an OLE compound file (ECMA-376 agile and standard
//! encryption, [MS-OFFCRYPTO]).

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use office_crypto::{DecryptError, decrypt_from_bytes};

use crate::ParseError;

/// Excel's own: it encrypts workbooks that are only protected against changes with it, and opens them without asking.
const EXCELS_OWN: &str = "VelvetSweatshop";

/// The bytes to read: those given, or the package inside of them if they are an encrypted Office file.
///
/// # Errors
/// [`ParseError::PasswordRequired`] without the right password, [`ParseError::UnsupportedKind`] for rare ciphers, or
/// [`ParseError::DamagedFile`].
pub(super) fn unlock<'a>(
    bytes: &'a [u8],
    password: Option<&str>,
) -> Result<Cow<'a, [u8]>, ParseError> {
    if !is_locked(bytes) {
        return Ok(Cow::Borrowed(bytes));
    }
    let given = password.is_some_and(|password| !password.is_empty());
    for password in password.into_iter().chain([EXCELS_OWN]) {
        let opened = catch_unwind(AssertUnwindSafe(|| {
            decrypt_from_bytes(bytes.to_vec(), password)
        }));
        match opened {
            // A wrong password is not noticed by the library; it gives no package.
            Ok(Ok(package)) if package.starts_with(b"PK") => return Ok(Cow::Owned(package)),
            Ok(Ok(_)) => {}
            Ok(Err(DecryptError::Unimplemented(_))) => {
                return Err(ParseError::unsupported(
                    "an Office file under a rare kind of encryption",
                ));
            }
            Ok(Err(error)) => {
                let detail = format!("its encryption does not hold together: {error}");
                return Err(ParseError::damaged(detail));
            }
            Err(_panicked) => {
                return Err(ParseError::damaged("its encryption does not hold together"));
            }
        }
    }
    Err(ParseError::PasswordRequired { given })
}

/// Whether it is an OLE compound file with an encrypted package in it.
pub(crate) fn is_locked(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") && {
        let name: Vec<u8> = "EncryptedPackage"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        bytes.windows(name.len()).any(|window| window == name)
    }
}
