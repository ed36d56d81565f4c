//! A command that is run once, to its end, with limits on time and output.

use super::{GroupKiller, StartError, build, describe, spawn};
use std::{collections::BTreeMap, io, path::Path, process::Stdio, time::Duration};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};

/// A command that is run once, to its end.
pub struct Once<'a> {
    /// Program and arguments.
    pub command: &'a [String],
    /// Folder to start it in.
    pub folder: &'a Path,
    /// Variables besides those of the harness.
    pub environment: &'a BTreeMap<String, String>,
    /// What it reads.
    pub stdin: &'a [u8],
    /// Longest time until it has ended.
    pub timeout: Duration,
    /// Mark of the process (see [`super::MARK`]).
    pub mark: &'a str,
}

/// Why a command that is run once gave no output.
#[derive(Debug, thiserror::Error)]
pub enum OnceError {
    /// It could not be started.
    #[error(transparent)]
    Start(#[from] StartError),
    /// It took too long and was ended.
    #[error("`{command}` had not ended after {seconds:.1} s and was stopped")]
    Timeout {
        /// The command.
        command: String,
        /// The limit.
        seconds: f64,
    },
    /// It printed more than is read.
    #[error("`{command}` printed more than {LONGEST_OUTPUT} bytes and was stopped")]
    TooLarge {
        /// The command.
        command: String,
    },
    /// What it printed could not be read to the end: half an output is no answer.
    #[error("what `{command}` printed could not be read to the end: {message}")]
    Unreadable {
        /// The command.
        command: String,
        /// The cause.
        message: String,
    },
    /// It ended with an error.
    #[error("`{command}` ended with {status}: {printed}")]
    Failed {
        /// The command.
        command: String,
        /// How it ended.
        status: String,
        /// The end of what it printed as errors.
        printed: String,
    },
}

/// Output that is read of a command that is run once.
const LONGEST_OUTPUT: u64 = 32 * 1024 * 1024;

/// Runs a command to its end and returns what it printed on standard output. Its whole group ends with it.
pub async fn run_once(once: Once<'_>) -> Result<String, OnceError> {
    let name = once.command.join(" ");
    let mut builder = build(once.command, once.folder, once.environment, once.mark)?;
    builder.stdin(Stdio::piped());
    let mut child = spawn(&mut builder, once.command, once.folder)?;
    let group = GroupKiller(child.id());
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let talk = async {
        let write = async {
            if let Some(mut stdin) = stdin {
                // A command that does not read its input ends the pipe; what it prints is its answer all the same.
                let _ = stdin.write_all(once.stdin).await;
            }
        };
        let ((), output, errors, status) =
            tokio::join!(write, read_all(stdout), read_all(stderr), child.wait());
        (output, errors, status)
    };
    let (output, errors, status) =
        tokio::time::timeout(once.timeout, talk)
            .await
            .map_err(|_| OnceError::Timeout {
                command: name.clone(),
                seconds: once.timeout.as_secs_f64(),
            })?;
    drop(group);
    let output = output.map_err(|error| OnceError::Unreadable {
        command: name.clone(),
        message: error.to_string(),
    })?;
    if output.len() as u64 > LONGEST_OUTPUT {
        return Err(OnceError::TooLarge { command: name });
    }
    let status = status.map_err(|error| OnceError::Failed {
        command: name.clone(),
        status: error.to_string(),
        printed: String::new(),
    })?;
    if status.success() {
        return Ok(String::from_utf8_lossy(&output).into_owned());
    }
    // They only explain the failure; without them it is a failure all the same.
    let errors = errors.unwrap_or_default();
    let errors = String::from_utf8_lossy(&errors);
    let start = errors.floor_char_boundary(errors.len().saturating_sub(800));
    Err(OnceError::Failed {
        command: name,
        status: describe(status),
        printed: errors[start..].trim().to_owned(),
    })
}

async fn read_all(stream: Option<impl AsyncRead + Unpin>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(stream) = stream {
        stream.take(LONGEST_OUTPUT + 1).read_to_end(&mut bytes).await?;
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        pin::Pin,
        task::{Context, Poll},
    };
    use tokio::io::ReadBuf;

    /// Output that breaks off after its first half.
    struct Broken {
        half_read: bool,
    }

    impl AsyncRead for Broken {
        fn poll_read(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buffer: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            if self.half_read {
                return Poll::Ready(Err(io::Error::other("the pipe broke")));
            }
            self.half_read = true;
            buffer.put_slice(b"30 ");
            Poll::Ready(Ok(()))
        }
    }

    #[tokio::test]
    async fn half_an_output_is_an_error() {
        assert!(read_all(Some(Broken { half_read: false })).await.is_err());
        assert_eq!(
            read_all(Some(&b"30 days"[..])).await.ok(),
            Some(b"30 days".to_vec())
        );
        assert_eq!(read_all(None::<&[u8]>).await.ok(), Some(Vec::new()));
    }
}
