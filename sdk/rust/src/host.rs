use alloc::string::String;
use alloc::vec::Vec;

use crate::module::take;
use crate::{CancelReason, Failure, Reader, Status, Writer};

/// What crosses the boundary as a result: where the payload is, its schema, and a task when there is none yet.
#[derive(Clone, Copy, Default)]
#[repr(C)]
pub struct RawResult {
    pub(crate) data: usize,
    pub(crate) length: u32,
    pub(crate) schema: u32,
    pub(crate) task: u32,
}

// A module imports what it uses; each import stands for a capability that the manifest names.
#[link(wasm_import_module = "molt")]
extern "C" {
    fn molt_call(capability: u32, operation: u32, data: *const u8, length: u32, out: *mut RawResult) -> i32;
    fn molt_poll(task: u32, out: *mut RawResult) -> i32;
    fn molt_cancel(task: u32, reason: u32) -> i32;
    fn molt_stream_open(capability: u32, operation: u32, data: *const u8, length: u32, out: *mut RawResult) -> i32;
    fn molt_stream_read(stream: u32, out: *mut RawResult) -> i32;
    fn molt_stream_write(stream: u32, data: *const u8, length: u32) -> i32;
    fn molt_stream_close(stream: u32, reason: u32) -> i32;
    fn molt_log(level: u32, data: *const u8, length: u32);
    fn molt_now_ms() -> f64;
    fn molt_random_bytes(data: *mut u8, length: u32) -> i32;
    fn molt_limit(kind: u32) -> i64;
}

/// What the host answers.
#[derive(Clone, Debug)]
pub enum Answer {
    /// A payload, and the index of its schema in the manifest.
    Ready(Vec<u8>, u32),
    /// A task to poll.
    Pending(u32),
    /// A stream has no more items.
    End,
}

impl Answer {
    /// A reader of the payload; a pending answer is a failure.
    pub fn reader(&self) -> Result<Reader<'_>, Failure> {
        match self {
            Answer::Ready(payload, _) => Ok(Reader::new(payload)),
            _ => Err(Failure::new(Status::Internal, "the answer is not there yet")),
        }
    }
}

fn answer(status: i32, raw: RawResult) -> Result<Answer, Failure> {
    let payload = take(raw.data, raw.length);
    match Status::of(status) {
        Status::Ok if raw.task != 0 => Ok(Answer::Pending(raw.task)),
        Status::Ok if raw.schema == u32::MAX => Ok(Answer::End),
        Status::Ok => Ok(Answer::Ready(payload, raw.schema)),
        status => Err(Failure { status, message: String::from_utf8_lossy(&payload).into_owned() }),
    }
}

fn done(status: i32, what: &str) -> Result<(), Failure> {
    match Status::of(status) {
        Status::Ok => Ok(()),
        status => Err(Failure::new(status, what)),
    }
}

/// Operation `operation` of the capability at index `capability` of the manifest's `capabilities`.
pub fn capability_call(capability: u32, operation: u32, input: &Writer) -> Result<Answer, Failure> {
    let bytes = input.as_bytes();
    let mut raw = RawResult::default();
    // SAFETY: the host reads `bytes` and writes `raw` before it returns.
    let status = unsafe { molt_call(capability, operation, bytes.as_ptr(), bytes.len() as u32, &mut raw) };
    answer(status, raw)
}

/// Asks again for an answer that was pending.
pub fn capability_poll(task: u32) -> Result<Answer, Failure> {
    let mut raw = RawResult::default();
    // SAFETY: the host writes `raw` before it returns.
    let status = unsafe { molt_poll(task, &mut raw) };
    answer(status, raw)
}

/// Cancels a pending call of this module.
pub fn capability_cancel(task: u32, reason: CancelReason) -> Result<(), Failure> {
    // SAFETY: two numbers.
    done(unsafe { molt_cancel(task, reason as u32) }, "there is no such task")
}

/// Opens a stream; its number comes back.
pub fn stream_open(capability: u32, operation: u32, input: &Writer) -> Result<u32, Failure> {
    let bytes = input.as_bytes();
    let mut raw = RawResult::default();
    // SAFETY: the host reads `bytes` and writes `raw` before it returns.
    let status = unsafe { molt_stream_open(capability, operation, bytes.as_ptr(), bytes.len() as u32, &mut raw) };
    match answer(status, raw)? {
        Answer::Pending(stream) => Ok(stream),
        _ => Err(Failure::new(Status::Internal, "the host opened no stream")),
    }
}

/// The next item of a stream.
pub fn stream_read(stream: u32) -> Result<Answer, Failure> {
    let mut raw = RawResult::default();
    // SAFETY: the host writes `raw` before it returns.
    let status = unsafe { molt_stream_read(stream, &mut raw) };
    answer(status, raw)
}

/// Writes an item to a stream; a task to poll comes back where the stream has no room yet.
pub fn stream_write(stream: u32, item: &Writer) -> Result<Option<u32>, Failure> {
    let bytes = item.as_bytes();
    // SAFETY: the host reads `bytes` before it returns.
    match unsafe { molt_stream_write(stream, bytes.as_ptr(), bytes.len() as u32) } {
        task if task < 0 => Ok(Some(task.unsigned_abs())),
        status => done(status, "the stream takes nothing").map(|()| None),
    }
}

/// Ends a stream.
pub fn stream_close(stream: u32, reason: Option<CancelReason>) -> Result<(), Failure> {
    // SAFETY: two numbers.
    done(unsafe { molt_stream_close(stream, reason.map_or(0, |reason| reason as u32)) }, "there is no such stream")
}

/// How loud a line of the log is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Level {
    /// `console.debug`.
    Debug = 0,
    /// `console.log`.
    Log = 1,
    /// `console.info`.
    Info = 2,
    /// `console.warn`.
    Warn = 3,
    /// `console.error`.
    Error = 4,
}

/// Capability `console.log`.
pub fn log(level: Level, message: &str) {
    // SAFETY: the host reads `message` before it returns.
    unsafe { molt_log(level as u32, message.as_ptr(), message.len() as u32) }
}

/// Capability `time.now`: milliseconds since the Unix epoch, 0 where the clock may not be seen.
pub fn now_ms() -> f64 {
    // SAFETY: a number comes back.
    unsafe { molt_now_ms() }
}

/// Capability `rand.bytes`; at most 65,536 bytes at a time.
pub fn random_bytes(target: &mut [u8]) -> Result<(), Failure> {
    // SAFETY: the host writes `target` before it returns.
    done(unsafe { molt_random_bytes(target.as_mut_ptr(), target.len() as u32) }, "rand.bytes is not granted")
}

/// What `limit` can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Limit {
    /// Bytes that the memory may grow to.
    MemoryBytes = 0,
    /// Milliseconds that the call has left.
    TimeLeftMs = 1,
    /// Bytes of a result.
    OutputBytes = 2,
    /// Capability calls that are left, in units of their cost.
    OperationsLeft = 3,
    /// Bytes of a request to a capability, and of its answer.
    OperationBytes = 4,
}

/// `resource.limits`, always allowed; none where there is no limit.
pub fn limit(kind: Limit) -> Option<u64> {
    // SAFETY: a number comes back.
    u64::try_from(unsafe { molt_limit(kind as u32) }).ok()
}
