use alloc::alloc::{alloc as allocate, dealloc, Layout};
use alloc::vec::Vec;
use core::{mem, ptr, slice};

use crate::host::RawResult;
use crate::{CancelReason, Failure, Reader, Status, Writer};

/// How a function ends.
pub type Outcome = Result<(), Failure>;

/// A call of one of the module's functions.
pub struct Call<'a> {
    /// `function_id` of the manifest; 0 when a task is polled.
    pub function: u32,
    /// Index of the payload's schema in the manifest's `schemas`.
    pub schema: u32,
    /// The payload.
    pub input: Reader<'a>,
    /// The result.
    pub output: Writer,
    /// Index of the result's schema in the manifest's `schemas`. To be set.
    pub output_schema: u32,
    /// Not 0: the answer comes later, and `Module::poll` is asked for it.
    pub task: u32,
}

/// What a module does. `molt::export!(Type)` makes it the module.
pub trait Module {
    /// Runs the function `call.function`.
    fn call(call: &mut Call) -> Outcome;

    /// Runs once. What it leaves in memory is what every call starts from.
    fn init(_config: Reader) -> Outcome {
        Ok(())
    }

    /// Asked for the answer of a call that set `task`; it is ready when this sets `task` to 0.
    fn poll(_call: &mut Call) -> Outcome {
        Err(Failure::new(Status::InvalidInput, "no such task"))
    }

    /// Told when the host no longer waits for a task.
    fn cancel(_task: u32, _reason: Option<CancelReason>) {}
}

/// Exports a type's functions as a module of ABI 0.1. Once in a crate of type `cdylib`.
#[macro_export]
macro_rules! export {
    ($module:ty) => {
        #[no_mangle]
        extern "C" fn molt_alloc(length: u32) -> usize {
            $crate::glue::alloc(length)
        }

        #[no_mangle]
        extern "C" fn molt_free(data: usize, length: u32) {
            $crate::glue::free(data, length)
        }

        #[no_mangle]
        extern "C" fn init(data: usize, length: u32) -> i32 {
            $crate::glue::init::<$module>(data, length)
        }

        #[no_mangle]
        extern "C" fn call(function: u32, schema: u32, data: usize, length: u32, out: *mut $crate::glue::RawResult) -> i32 {
            $crate::glue::call::<$module>(function, schema, data, length, out)
        }

        #[no_mangle]
        extern "C" fn poll(task: u32, out: *mut $crate::glue::RawResult) -> i32 {
            $crate::glue::poll::<$module>(task, out)
        }

        #[no_mangle]
        extern "C" fn cancel(task: u32, reason: u32) -> i32 {
            $crate::glue::cancel::<$module>(task, reason)
        }
    };
}

// Blocks have the alignment 1 as vectors of bytes have, so that one can become the other; the allocator aligns them better.
fn layout(length: u32) -> Option<Layout> {
    Layout::from_size_align(length as usize, 1).ok()
}

/// Memory for the host; 0 when there is none.
pub fn alloc(length: u32) -> usize {
    match layout(length) {
        Some(_) if length == 0 => 1,
        // SAFETY: the length is not 0.
        Some(layout) => unsafe { allocate(layout) as usize },
        None => 0,
    }
}

/// Gives a block back.
pub fn free(data: usize, length: u32) {
    if data != 0 && length != 0 {
        if let Some(layout) = layout(length) {
            // SAFETY: the block came from `alloc`, or was a vector of exactly this length.
            unsafe { dealloc(data as *mut u8, layout) }
        }
    }
}

/// A copy of a block that the host left, which is given back.
pub(crate) fn take(data: usize, length: u32) -> Vec<u8> {
    let copy = payload(data, length).to_vec();
    free(data, length);
    copy
}

/// The host's payload where it lies.
fn payload<'a>(data: usize, length: u32) -> &'a [u8] {
    if data == 0 || length == 0 {
        return &[];
    }
    // SAFETY: the host wrote `length` bytes at `data` and leaves them until the call ends.
    unsafe { slice::from_raw_parts(data as *const u8, length as usize) }
}

fn finish(mut call: Call, outcome: Outcome, out: *mut RawResult) -> i32 {
    let status = match outcome {
        Ok(()) => Status::Ok,
        Err(failure) => {
            call.output = Writer::new();
            call.output.append(failure.message.as_bytes());
            call.task = 0;
            failure.status
        }
    };
    let bytes = call.output.into_bytes().into_boxed_slice();
    let length = bytes.len() as u32;
    let data = if length == 0 { 0 } else { bytes.as_ptr() as usize };
    mem::forget(bytes);
    // SAFETY: `out` is a block of 16 bytes that the host asked for.
    unsafe { ptr::write_unaligned(out, RawResult { data, length, schema: call.output_schema, task: call.task }) };
    status as i32
}

/// The export `init`.
pub fn init<M: Module>(data: usize, length: u32) -> i32 {
    match M::init(Reader::new(payload(data, length))) {
        Ok(()) => Status::Ok as i32,
        Err(failure) => failure.status as i32,
    }
}

/// The export `call`.
pub fn call<M: Module>(function: u32, schema: u32, data: usize, length: u32, out: *mut RawResult) -> i32 {
    let input = Reader::new(payload(data, length));
    let mut call = Call { function, schema, input, output: Writer::new(), output_schema: 0, task: 0 };
    let outcome = M::call(&mut call);
    finish(call, outcome, out)
}

/// The export `poll`.
pub fn poll<M: Module>(task: u32, out: *mut RawResult) -> i32 {
    let mut call = Call { function: 0, schema: 0, input: Reader::new(&[]), output: Writer::new(), output_schema: 0, task };
    let outcome = M::poll(&mut call);
    finish(call, outcome, out)
}

/// The export `cancel`.
pub fn cancel<M: Module>(task: u32, reason: u32) -> i32 {
    let reason = match reason {
        1 => Some(CancelReason::Cpu),
        2 => Some(CancelReason::Memory),
        3 => Some(CancelReason::User),
        4 => Some(CancelReason::Disconnect),
        5 => Some(CancelReason::Deadline),
        6 => Some(CancelReason::Revoked),
        _ => None,
    };
    M::cancel(task, reason);
    Status::Ok as i32
}
