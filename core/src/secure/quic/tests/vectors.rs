//! RFC 9001 appendix A and RFC 9369 appendix A.

use crate::secure::quic::guard::Guard;
use crate::secure::quic::header::{self, Body};
use crate::secure::quic::keys::{Suite, initial_secrets, next_secret};
use crate::secure::quic::version::{Kind, V2, Version};

fn hex(text: &str) -> Vec<u8> {
    data_encoding::HEXLOWER.decode(text.as_bytes()).unwrap()
}

const ID: &str = "8394c8f03e515708";

#[test]
fn initial_secrets_of_both_versions() {
    let cases = [
        (
            1,
            "c00cf151ca5be075ed0ebfb5c80323c42d6b7db67881289af4008f1f6c357aea",
            "3c199828fd139efd216c155ad844cc81fb82fa8d7446fa7d78be803acdda951b",
        ),
        (
            V2,
            "14ec9d6eb9fd7af83bf5a668bc17a7e283766aade7ecd0891f70f9ff7f4bf47b",
            "0263db1782731bf4588e7e4d93b7463907cb8cd8200b5da55a8bd488eafc37c1",
        ),
    ];
    for (number, client, server) in cases {
        let version = Version::of(number).unwrap();
        let secrets = initial_secrets(&version.salts[0], &hex(ID)).unwrap();
        assert_eq!(secrets[0].as_slice(), hex(client));
        assert_eq!(secrets[1].as_slice(), hex(server));
    }
}

/// The server's Initial packets: headers, keys and header protection at once.
#[test]
fn initial_packets_of_the_server() {
    let cases = [
        (
            1,
            "cf000000010008f067a5502a4262b5004075c0d95a482cd0991cd25b0aac406a5816b6394100f37a1c69797554780bb3\
             8cc5a99f5ede4cf73c3ec2493a1839b3dbcba3f6ea46c5b7684df3548e7ddeb9c3bf9c73cc3f3bded74b562bfb19fb84\
             022f8ef4cdd93795d77d06edbb7aaf2f58891850abbdca3d20398c276456cbc42158407dd074ee",
        ),
        (
            V2,
            "dc6b3343cf0008f067a5502a4262b5004075d92faaf16f05d8a4398c47089698baeea26b91eb761d9b89237bbf872630\
             17915358230035f7fd3945d88965cf17f9af6e16886c61bfc703106fbaf3cb4cfa52382dd16a393e42757507698075b2\
             c984c707f0a0812d8cd5a6881eaf21ceda98f4bd23f6fe1a3e2c43edd9ce7ca84bed8521e2e140",
        ),
    ];
    for (number, packet) in cases {
        let bytes = hex(packet);
        let long = header::long(&bytes).unwrap();
        assert_eq!(long.version, number);
        assert_eq!(long.source, hex("f067a5502a4262b5"));
        let Body::Protected {
            kind,
            packet,
            number_at,
            rest,
            missing: 0,
        } = long.body
        else {
            panic!("not protected");
        };
        assert_eq!((kind, rest.len()), (Kind::Initial, 0));
        let version = Version::of(number).unwrap();
        let [_, server] = initial_secrets(&version.salts[0], &hex(ID)).unwrap();
        let mut guard = Guard::new(Suite::Aes128Gcm, &server, &version.labels).unwrap();
        let mut scratch = Vec::new();
        let opened = guard.open(packet, number_at, None, &mut scratch).unwrap();
        assert_eq!(opened.number, 1);
        let payload = &scratch[opened.start..opened.end];
        let start = "02000000000600405a020000560303eefce7f7b37ba1d163";
        assert!(payload.starts_with(&hex(start)));
        // Any change makes it another packet.
        for at in 0..packet.len() {
            let mut wrong = packet.to_vec();
            wrong[at] ^= 0x40;
            assert_eq!(guard.open(&wrong, number_at, None, &mut scratch), None);
        }
    }
}

#[test]
fn short_packets_with_chacha20() {
    let secret = hex("9ac312a7f877468ebe69422748ad00a15443f18203a07d6060f688f30f21632b");
    for (number, packet) in [
        (1, "4cfe4189655e5cd55c41f69080575d7999c25a5bfb"),
        (V2, "5558b1c60ae7b6b932bc27d786f4bc2bb20f2162ba"),
    ] {
        let labels = Version::of(number).unwrap().labels;
        let mut guard = Guard::new(Suite::ChaCha20Poly1305, &secret, &labels).unwrap();
        let mut scratch = Vec::new();
        let opened = guard
            .open(&hex(packet), 1, Some(654_360_563), &mut scratch)
            .unwrap();
        assert_eq!(opened.number, 654_360_564);
        assert_eq!(scratch[opened.start..opened.end], [1]);
    }
    let labels = Version::of(1).unwrap().labels;
    let next = next_secret(Suite::ChaCha20Poly1305, &secret, &labels).unwrap();
    let expected = "1223504755036d556342ee9361d253421a826c9ecdf3c7148684b36b714881f9";
    assert_eq!(next, hex(expected));
}
