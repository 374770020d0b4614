//! What OpenSSL 3.0 enciphered: an independent oracle of ciphers, modes and derivations.

use super::opens::{TEXT, attempt};
use crate::crack::Extra;

/// `openssl enc -CIPHER -K KEY -iv IV` of the text below, the vector in front; KEY is the beginning of
/// `ahovcjqxelszgnubipwdkryfmtahovcj`, IV that of `010e1b2835424f5c697683909daab7c4`.
#[test]
fn ciphers_and_modes() {
    let key: Vec<u8> = (0..32).map(|at| b'a' + (at * 7 % 26) as u8).collect();
    for (layer, length, hex) in [
        (
            "aes-128-ecb",
            16,
            "33e6b344206fe029e93a1f965e8ae0d7ffe3a23295f668e1f06c9783fd2c3dcbf53c02295c695169e721ade366\
             82ab046c623d654bf598b11a58626613a3eb78",
        ),
        (
            "aes-128-cbc",
            16,
            "010e1b2835424f5c697683909daab7c4a14da61f9834578f141a3244ac01b4db74140b81ddc93cde3bab8862d9\
             83b895f325746e3d7bf904b9bd723539efe8ad1bae95630751ee431e04a42e56bb9e36",
        ),
        (
            "aes-128-ctr",
            16,
            "010e1b2835424f5c697683909daab7c42c2bee90b5395ed56fa2d5ae3b1a81c82bd68985df0e78cf060f49d2dd\
             d6d9491a5fc23b7fb945fcaceecd4e1cc3c034",
        ),
        (
            "aes-128-cfb",
            16,
            "010e1b2835424f5c697683909daab7c42c2bee90b5395ed56fa2d5ae3b1a81c86ba5e3e692da41b74997b4e758\
             daedfe406f9d72bfebbfb194203384f9f03eda",
        ),
        (
            "aes-128-cfb8",
            16,
            "010e1b2835424f5c697683909daab7c42c792bc4dbbbb047b14ce07dadc5ede5eb4ddabf4cbfaad895c89ffaf1\
             4d63d3c7e8062e3edce48e4ba912258bd1c40d",
        ),
        (
            "aes-128-ofb",
            16,
            "010e1b2835424f5c697683909daab7c42c2bee90b5395ed56fa2d5ae3b1a81c8c1e9885c1500fa7122f476e6e4\
             65a99422f1dc5ace8f00324a03204ffbf7bb30",
        ),
        (
            "aes-192-cbc",
            24,
            "010e1b2835424f5c697683909daab7c4c1c278e37d54cc420fe6f5ace50e722011cad4f73b5582da6b2967df33\
             91a118464e90815ba5c9402cfc5caa1ca214e6f7f063193fdc016330771977e99645f4",
        ),
        (
            "aes-256-cfb8",
            32,
            "010e1b2835424f5c697683909daab7c4b6d474df743bf8fd2421e127bfd89a415fc20fde632e2238c5bd0dd504\
             b2e398365fbe50047ce1fb656685970dacd293",
        ),
        (
            "aes-256-ctr",
            32,
            "010e1b2835424f5c697683909daab7c4b6d18a71141d307a9862f634b16231d2b5e90969568ba6412ed9cd77cc\
             6c9fa55aed315341c0169f447b1c4dbe488233",
        ),
        (
            "3des-cbc",
            24,
            "010e1b2835424f5c28cc807c0fd51cba6aa243567aa2460ecc3aca5742b52c20bdd319930f83a9a891ad36f403\
             5cb1e935d65625484b06ee2e8f946664255cd0",
        ),
        (
            "3des-ecb",
            16,
            "33c43a531c585ec2b07505d1935340d8ee86876adbdc90405d2a106cc052cb079197f697534f95a508b0c89a72\
             52b221c917708ac3edc740",
        ),
        (
            "des-cbc",
            8,
            "010e1b2835424f5c812b607124515ce2b49174549ff4eaf726aaa399c1e822fbcbe5571ee817e03d5d24a88f5d\
             3a5fb33bfdf43bbee72b696e0215e36e1a967b",
        ),
        (
            "blowfish-cbc",
            16,
            "010e1b2835424f5c0fe05fbcc535a5549817b84a824e1e43d2c8b5a0d8b3ba286833366882c4d07f464f6a784d\
             e188761cc74e9d7f0d4796c9a36331d7111ed9",
        ),
        (
            "sm4-cbc",
            16,
            "010e1b2835424f5c697683909daab7c4121b0f261dbeeb8e0001a90c7de950e701d8119d1c95900b31170e58e0\
             4506aa331cb2f4957aa79af9d74a519f8580d43352d05501c94fbba2d4bb2cb06162d6",
        ),
    ] {
        let sealed = decode(hex);
        let found = attempt(&sealed, &[("here", &key[..length])], &Extra::default()).expect(layer);
        assert_eq!(found.layer, layer);
        assert_eq!(
            found.plain,
            br#"{"imei":"869836900602677","lang":"nl-BE","n":12}"#
        );
    }
}

/// `openssl enc -CIPHER -S 3132333435363738 -k secret` of the text, with `-md md5`, `-md sha256` or `-pbkdf2`;
/// `Salted__` and the salt stand before it, as it writes them when it chooses the salt itself.
#[test]
fn passphrases() {
    for (layer, derivation, hex) in [
        (
            "aes-256-cbc",
            "EVP_BytesToKey with MD5",
            "6f94028f322f1270ef6157da738855ecb6d546b5d7975b4831f8fd18acb58202ec0ba4623c5e22700dcea4be46\
             2ddb402cfffc2dca4e53f8c295117c0d93da895cc0c52bbde4a63a8f1ec723fd07ee54aef2e8570d5198ce3c09\
             bf801429e27958dea3f2add648517725cf241fc7568ab1511c18b210363fe4526e42c7f8afea",
        ),
        (
            "aes-256-cbc",
            "EVP_BytesToKey with SHA-256",
            "65bb271ee202d9b988862cfb5cd12a2c1ebaf1b781591d22297d75d7522eaffa2e9f70cdf9871cb0e8d06fa042\
             d206e6563eb94437202c4ba827e3b0ae494d943e08e5658ae1bb6f34af5e8ea1a46b7772fb104e46ad670ea0aa\
             f27880273a2339c29f4df2f5d1d7037eaf8cba2a2fcaa6d8275c17a7d1fc6a7e1f68b9a59cab",
        ),
        (
            "aes-128-cbc",
            "EVP_BytesToKey with SHA-256",
            "c39ac42ddc2527dc8def4eb5e073ad9ae6b5ec19be54e96f28895eacb1606f8682979b187bdd9a5a0ae7da8aff\
             59ad9f14273ddb5ef89b51cfe9bb3c019d2800b349a0cf40fe419ba4b427598ce3ddc4e05f56b4b3299f99530b\
             5a79bfdd9a53680876195b7d93da9b0caae46d0f74788b1cf51cbfc334c981003e4e3449138a",
        ),
        (
            "aes-192-cbc",
            "EVP_BytesToKey with MD5",
            "7e7f295d3912308b2b17cd8f52f61c5b7d5a19ae75b2a4305fa4302a14f1fb4ac2ed05bf54fcc167387853f5f9\
             594e188a93a7e5ed522b32a73b7fe163f30937db3dff3ace2425fdf10aeb6855380eee36daaefd4feeb027bcbe\
             602a59b3193cef50d8029004f76448a946886a238f78b7429b04920e3eea2b2d323af729e0c7",
        ),
        (
            "3des-cbc",
            "EVP_BytesToKey with MD5",
            "7c69d75fc76924c91e7617b96f1e4ab9d1f869c481b62941eccc56890a464258ce585bf9319f41194b6623160e\
             f5bc2e65dc474a490a0b93e5b830c1d58df4cd88c0de76b52fb9a26d0f3a452971fc99b19387270a6de2d63979\
             c5c934b16dc30de67715d092541deb8c7726a62f6c3bb63e187663c4551a",
        ),
        (
            "aes-256-cbc",
            "PBKDF2 with SHA-256 and 10,000 rounds",
            "1904c12e06fcf67579102834496af7291f5059423a8c49dcfaf9926a9a93d811c43ecce04b22635457ca21ac00\
             835855994b0f43ee39e25117c985b7e787cc33e1eb3f05bbd75605ed54c0a8f646bbcc48d197fbe443814b4f46\
             ddaf95229604c1d06d2c11f2c55d39008b59010fbce9f3a91f3d93b6ebf381df14b5f649391b",
        ),
    ] {
        let sealed = [b"Salted__12345678".to_vec(), decode(hex)].concat();
        let found = attempt(&sealed, &[], &Extra::default()).expect(derivation);
        assert_eq!((found.layer, found.plain.as_slice()), (layer, TEXT));
        assert_eq!(found.derivation, derivation);
    }
}

fn decode(hex: &str) -> Vec<u8> {
    data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap()
}
