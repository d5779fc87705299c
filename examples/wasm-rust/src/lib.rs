//! Throws dice, with chance from the host, and summarises throws.
use molt::{Call, Failure, Outcome};

// The schemas by their place in the manifest.
const ROLLS: u32 = 1;
const SUMMARY: u32 = 2;

struct Dice;

impl molt::Module for Dice {
    fn call(call: &mut Call) -> Outcome {
        match call.function {
            1 => roll(call),
            2 => summarise(call),
            _ => Err(Failure::no_such_function()),
        }
    }
}

molt::export!(Dice);

fn roll(call: &mut Call) -> Outcome {
    let fields = call.input.record()?;
    let dice = call.input.uint()? as usize;
    let sides = if call.input.present(fields, 1) { call.input.uint()? as u8 } else { 6 };
    let mut rolls = Vec::with_capacity(dice);
    while rolls.len() < dice {
        let mut chance = [0; 16];
        molt::random_bytes(&mut chance)?;
        // Bytes past the last whole run of sides would favour the low ones.
        let whole = u8::MAX - u8::MAX % sides;
        rolls.extend(chance.iter().filter(|byte| **byte < whole).map(|byte| byte % sides + 1).take(dice - rolls.len()));
    }
    call.output_schema = ROLLS;
    call.output.record(2);
    call.output.list(rolls.len());
    for roll in &rolls {
        call.output.uint(u64::from(*roll));
    }
    call.output.uint(rolls.iter().map(|roll| u64::from(*roll)).sum());
    Ok(())
}

fn summarise(call: &mut Call) -> Outcome {
    call.input.record()?;
    let count = call.input.list()?;
    let (mut sum, mut greatest) = (0, 0);
    for _ in 0..count {
        let roll = call.input.uint()?;
        sum += roll;
        greatest = greatest.max(roll);
    }
    call.output_schema = SUMMARY;
    call.output.record(if count > 0 { 3 } else { 2 });
    call.output.uint(count as u64);
    call.output.float64(sum as f64 / count as f64);
    if count > 0 {
        call.output.uint(greatest);
    }
    Ok(())
}
