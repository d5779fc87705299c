use alloc::string::String;

use crate::Fault;

/// How a call ended; `Ok` is the absence of a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Status {
    /// All is well.
    Ok = 0,
    /// The payload asks for something that cannot be.
    InvalidInput = 1,
    /// The payload is not what the reader expects.
    DecodeError = 2,
    /// The result cannot be written.
    EncodeError = 3,
    /// The caller no longer waits.
    Cancelled = 4,
    /// Time ran out.
    Timeout = 5,
    /// A capability is not granted.
    CapabilityDenied = 6,
    /// Anything else.
    Internal = 7,
}

impl Status {
    pub(crate) fn of(number: i32) -> Status {
        match number {
            0 => Status::Ok,
            1 => Status::InvalidInput,
            2 => Status::DecodeError,
            3 => Status::EncodeError,
            4 => Status::Cancelled,
            5 => Status::Timeout,
            6 => Status::CapabilityDenied,
            _ => Status::Internal,
        }
    }
}

/// Why a host cancels a task, and a module a call of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum CancelReason {
    /// CPU time is used up.
    Cpu = 1,
    /// Memory is used up.
    Memory = 2,
    /// Somebody asked for it.
    User = 3,
    /// The caller has gone.
    Disconnect = 4,
    /// Time ran out.
    Deadline = 5,
    /// The capability was taken away.
    Revoked = 6,
}

/// A call that did not work: a status, and a message for the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Never `Status::Ok`.
    pub status: Status,
    /// What is wrong.
    pub message: String,
}

impl Failure {
    /// A failure with a message.
    pub fn new(status: Status, message: &str) -> Failure {
        Failure { status, message: String::from(message) }
    }

    /// For a `function_id` that the module does not have.
    pub fn no_such_function() -> Failure {
        Failure::new(Status::InvalidInput, "no such function")
    }
}

impl From<Fault> for Failure {
    fn from(_: Fault) -> Failure {
        Failure::new(Status::DecodeError, "the payload is not what the function reads")
    }
}
