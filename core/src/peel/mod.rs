//! Peel: take the layers off the parts of a message, down to the values inside.
//!
//! One file per layer. A new layer is one file with a type that implements `Layer` and one line in
//! `REGISTRY`; nothing else changes. A layer is taken off only when it proves itself: by a checksum, by a
//! grammar that is read to the end, or by what is inside. Bytes that prove nothing stay as they are.

mod alike;
#[cfg(any(test, feature = "seal"))]
pub mod alone;
mod avro;
mod avro_schema;
mod base32;
mod base45;
mod base58;
mod base62;
mod base64;
mod base64_alphabet;
mod base64_offset;
mod base85;
mod base91;
mod bench;
mod bplist;
mod brotli;
mod bson;
mod bzip2;
mod cbor;
mod chain;
mod content_encoding;
mod cookie;
mod credentials;
mod data_url;
mod deflate;
mod endpoint;
mod escape;
mod fields;
mod flatbuffers;
mod form;
mod frames;
mod grpc;
mod gzip;
mod hex;
mod hex_bytes;
mod hint;
mod html;
mod inflate;
#[cfg(any(test, feature = "seal"))]
pub mod inverse;
#[cfg(any(test, feature = "seal"))]
mod inverse_files;
mod json;
mod json_record;
mod judge;
mod jwt;
mod layer;
mod look;
mod lz4;
mod lz_string;
#[cfg(any(test, feature = "seal"))]
mod lz_string_write;
mod lznt1;
mod media;
mod modhex;
mod msgpack;
mod multipart;
mod part;
mod peeler;
mod percent;
mod php;
mod proof;
mod protobuf;
mod quoted_printable;
mod readings;
mod replay;
mod rison;
mod search;
mod signed_token;
mod sink;
mod snappy;
mod sse;
mod tar;
mod tars;
mod text;
mod thrift;
mod tlv;
mod tree;
mod unpack;
mod url;
mod utf16;
mod uuencode;
mod values;
mod waiting;
mod walk;
mod xml;
mod xml_text;
mod xpress;
mod xpress_huffman;
mod xz;
mod zip;
mod zlib;
mod zstd;

#[cfg(test)]
mod tests;

pub use chain::{OwnedStep, Step, text as chain_text};
pub use endpoint::Ticket;
pub use judge::Judge;
pub(crate) use media::known as is_media;
pub use part::{Part, Parts, parts};
pub use peeler::Peeler;
pub(crate) use proof::is_file;
pub use readings::{Reading, ReadingLeaf};
pub use replay::{ReplayError, replay, replay_with};
pub use sink::LeafSink;
pub(crate) use text::evidence as text_evidence;
pub use walk::PathKey;

use layer::Layer;

/// How many layers there are.
const COUNT: usize = 70;

/// All layers, in the order in which they are asked. What proves itself most surely comes first; what
/// proves itself only through its children comes last.
static REGISTRY: &[&dyn Layer; COUNT] = &[
    &cookie::Cookie,
    &sse::EventStream,
    &grpc::GrpcWebText,
    &grpc::Grpc,
    &json::Json,
    &gzip::Gzip,
    &zstd::Zstd,
    &zlib::Zlib,
    &lz4::Lz4,
    &snappy::Snappy,
    &bzip2::Bzip2,
    &xz::Xz,
    &zip::Zip,
    &tar::Tar,
    &bplist::Bplist,
    &bson::Bson,
    &php::Php,
    &rison::Rison,
    &multipart::Multipart,
    &avro::Avro,
    &jwt::Jwt,
    &signed_token::SignedToken,
    &credentials::Credentials,
    &uuencode::Uuencode,
    &data_url::DataUrl,
    &utf16::Utf16,
    &lz_string::LzString,
    &hex::Hex,
    &base64::STANDARD,
    &base64::URL_SAFE,
    &url::Segment,
    &form::Form,
    &url::Url,
    &percent::Percent,
    &msgpack::MsgPack,
    &cbor::Cbor,
    &thrift::COMPACT,
    &thrift::BINARY,
    &protobuf::Protobuf,
    &tars::Tars,
    &xz::Lzma,
    &snappy::SnappyBlock,
    &lz4::Lz4Block,
    &html::Html,
    &xml::Xml,
    &quoted_printable::QuotedPrintable,
    &hex_bytes::HexBytes,
    &modhex::ModHex,
    &escape::Escape,
    &base58::Base58Check,
    &base32::STANDARD,
    &base32::HEX,
    &base32::CROCKFORD,
    &base58::Base58,
    &base85::ASCII85,
    &base85::Z85,
    &base85::RFC1924,
    &base45::Base45,
    &base91::Base91,
    &base62::Base62,
    &base64_alphabet::Base64Alphabet,
    &base64_offset::Base64Offset,
    &frames::Frames,
    &xpress_huffman::XpressHuffman,
    &lznt1::Lznt1,
    &deflate::Deflate,
    &brotli::Brotli,
    &xpress::Xpress,
    &flatbuffers::FlatBuffers,
    &tlv::Tlv,
];

/// The names of all layers, in the order in which they are asked.
pub fn layers() -> impl Iterator<Item = &'static str> {
    REGISTRY.iter().map(|layer| layer.name())
}
