//! One layer by itself: the first byte chooses it, the second what the surroundings say. Every child is followed
//! back to the same bytes; then the rest of the input is put into the layer by its inverse, and must come out.
#![no_main]

use libfuzzer_sys::fuzz_target;
use waakzaam_core::model::Limits;
use waakzaam_core::peel::alone;
use waakzaam_core::peel::inverse::INVERSES;

fuzz_target!(|input: &[u8]| {
    let &[choice, way, ref bytes @ ..] = input else {
        return;
    };
    let limits = Limits::default();
    let layer = usize::from(choice) % alone::count();
    match alone::open(layer, way, bytes, &limits) {
        Ok(found) => assert!(
            Ok(found) == alone::open(layer, way, bytes, &limits),
            "not the same twice"
        ),
        Err(elsewhere) => panic!("{elsewhere}"),
    }
    let inverse = &INVERSES[usize::from(choice) % INVERSES.len()];
    // Shorter values prove nothing, so no layer is on them; what is in `grpc-web-text` is the frame around the value.
    let simple = bytes.len() >= 24 && inverse.layer != "grpc-web-text";
    if let Some(wrapped) = (inverse.wrap)(bytes).filter(|_| simple) {
        let again = alone::follow(inverse.layer, inverse.selector, &wrapped, &limits);
        assert!(
            again.as_deref() == Some(bytes),
            "{}: {wrapped:02x?} leads to {again:02x?}",
            inverse.layer
        );
    }
});
