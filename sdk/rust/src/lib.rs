//! Molt edge tier, ABI 0.1, for Rust. No dependencies; builds with plain `rustc` or with cargo, with and without `std`.
//!
//! The host has checked a payload against its schema before a function sees it, and checks what the function writes. Payloads
//! are deterministic MessagePack: fields by index, one byte form per value.
//!
//! ```ignore
//! struct Greeter;
//!
//! impl molt::Module for Greeter {
//!     fn call(call: &mut molt::Call) -> molt::Outcome {
//!         match call.function {
//!             1 => {
//!                 call.input.record()?;
//!                 let name = call.input.string()?;
//!                 call.output.record(1);
//!                 call.output.string(name);
//!                 call.output_schema = 1;
//!                 Ok(())
//!             }
//!             _ => Err(molt::Failure::no_such_function()),
//!         }
//!     }
//! }
//!
//! molt::export!(Greeter);
//! ```
#![no_std]
#![deny(missing_docs)]

extern crate alloc;

mod host;
mod module;
mod reader;
mod status;
mod writer;

pub use host::{
    capability_call, capability_cancel, capability_poll, limit, log, now_ms, random_bytes, stream_close, stream_open,
    stream_read, stream_write, Answer, Level, Limit,
};
pub use module::{Call, Module, Outcome};
pub use reader::{Fault, Reader};
pub use status::{CancelReason, Failure, Status};
pub use writer::Writer;

/// What `export!` expands to calls; no part of the interface.
#[doc(hidden)]
pub mod glue {
    pub use crate::module::{alloc, call, cancel, free, init, poll};
    pub use crate::host::RawResult;
}
