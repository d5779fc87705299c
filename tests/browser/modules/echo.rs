//! Reads every kind of value and writes it again, but for the one it reads past.
use molt::{Call, Failure, Outcome, Status};

struct Echo;

impl molt::Module for Echo {
    fn call(call: &mut Call) -> Outcome {
        let Call { input, output, .. } = call;
        let fields = input.record()?;
        output.record(if fields > 10 { 10 } else { 9 });
        output.int(input.int()?);
        output.uint(input.uint()?);
        output.float32(input.float32()?);
        output.float64(input.float64()?);
        output.string(input.string()?);
        output.bytes(input.bytes()?);
        let items = input.list()?;
        output.list(items);
        for _ in 0..items {
            output.int(input.int()?);
        }
        let pairs = input.map()?;
        output.map(pairs);
        for _ in 0..pairs {
            output.string(input.string()?);
            output.uint(input.uint()?);
        }
        let variant = input.union()?;
        output.union(variant);
        if variant == 0 {
            output.bool(input.bool()?);
        } else {
            output.string(input.string()?);
        }
        input.skip()?;
        if input.present(fields, 10) {
            output.int(input.int()?);
        }
        if !input.is_empty() {
            return Err(Failure::new(Status::DecodeError, "not at the end"));
        }
        call.output_schema = 1;
        Ok(())
    }
}

molt::export!(Echo);
