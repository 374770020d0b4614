//! ARP over Ethernet for IPv4 (RFC 826): the sender's two addresses.

use super::{Address, Mac};

/// Who sends it; `None` for probes (RFC 5227), which have no address yet, and for what is no ARP.
pub(super) fn sender(bytes: &[u8]) -> Option<(Mac, Address)> {
    let fixed: &[u8; 18] = bytes.first_chunk()?;
    let [0, 1, 8, 0, 6, 4, 0, 1 | 2, mac @ .., a, b, c, d] = *fixed else {
        return None;
    };
    let address = [a, b, c, d];
    (address != [0; 4]).then(|| (mac, Address::v4(address)))
}
