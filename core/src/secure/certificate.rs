//! What a server's certificate says about itself (RFC 5280). Nothing is verified.

use std::io::Read;
use std::net::{Ipv4Addr, Ipv6Addr};

use x509_cert::certificate::{CertificateInner, Raw};
use x509_cert::der::{Decode, Tag, Tagged, asn1::Any};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::name::Name;
use x509_cert::time::Time;

use crate::model::Connection;

/// Names listed of one certificate.
const NAMES: usize = 1000;

/// The shown parts of a certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Certificate {
    /// Subject as text (RFC 4514).
    pub subject: String,
    /// Issuer as text.
    pub issuer: String,
    /// Organisation of the subject.
    pub organisation: Option<String>,
    /// DNS names and addresses of subjectAltName.
    pub names: Vec<String>,
    /// Not valid before: microseconds since 1970-01-01 UTC.
    pub from: Option<i64>,
    /// Not valid after.
    pub until: Option<i64>,
}

impl Certificate {
    /// Fills in what the connection's row says of it.
    pub fn describe(&self, row: &mut Connection) {
        row.certificate_subject = Some(self.subject.clone());
        row.certificate_issuer = Some(self.issuer.clone());
        row.certificate_organisation.clone_from(&self.organisation);
        row.certificate_names.clone_from(&self.names);
        row.certificate_from = self.from;
        row.certificate_until = self.until;
    }
}

/// Reads a certificate in DER. `None`: it is none.
pub fn read(der: &[u8]) -> Option<Certificate> {
    let certificate = CertificateInner::<Raw>::from_der(der).ok()?;
    let body = certificate.tbs_certificate();
    let names = match body.get_extension::<SubjectAltName>() {
        Ok(Some((_, names))) => names.0.iter().take(NAMES).filter_map(general).collect(),
        _ => Vec::new(),
    };
    let validity = body.validity();
    Some(Certificate {
        subject: name(body.subject()),
        issuer: name(body.issuer()),
        organisation: attribute(body.subject(), "2.5.4.10"),
        names,
        from: micros(validity.not_before),
        until: micros(validity.not_after),
    })
}

fn micros(time: Time) -> Option<i64> {
    i64::try_from(time.to_unix_duration().as_micros()).ok()
}

fn general(name: &GeneralName) -> Option<String> {
    match name {
        GeneralName::DnsName(name) => Some(name.as_str().to_ascii_lowercase()),
        GeneralName::IpAddress(address) => match address.as_bytes() {
            bytes if bytes.len() == 4 => <[u8; 4]>::try_from(bytes)
                .ok()
                .map(|b| Ipv4Addr::from(b).to_string()),
            bytes => <[u8; 16]>::try_from(bytes)
                .ok()
                .map(|b| Ipv6Addr::from(b).to_string()),
        },
        _ => None,
    }
}

/// The first value of an attribute.
fn attribute(name: &Name, oid: &str) -> Option<String> {
    name.iter()
        .find(|a| a.oid.to_string() == oid)
        .and_then(|a| string(&a.value))
}

fn string(value: &Any) -> Option<String> {
    let bytes = value.value();
    match value.tag() {
        Tag::Utf8String | Tag::PrintableString | Tag::Ia5String => {
            Some(String::from_utf8_lossy(bytes).into_owned())
        }
        // In practice ISO 8859-1.
        Tag::TeletexString => Some(bytes.iter().map(|b| char::from(*b)).collect()),
        Tag::BmpString => {
            let words = bytes
                .chunks_exact(2)
                .filter_map(|pair| pair.first_chunk::<2>())
                .map(|pair| u16::from_be_bytes(*pair));
            let text = char::decode_utf16(words).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER));
            Some(text.collect())
        }
        _ => None,
    }
}

/// A distinguished name as text: the last part first (RFC 4514 section 2.1).
fn name(name: &Name) -> String {
    let mut parts: Vec<String> = name
        .iter()
        .map(|a| {
            let oid = a.oid.to_string();
            let kind = match oid.as_str() {
                "2.5.4.3" => "CN",
                "2.5.4.5" => "serialNumber",
                "2.5.4.6" => "C",
                "2.5.4.7" => "L",
                "2.5.4.8" => "ST",
                "2.5.4.9" => "STREET",
                "2.5.4.10" => "O",
                "2.5.4.11" => "OU",
                "0.9.2342.19200300.100.1.1" => "UID",
                "0.9.2342.19200300.100.1.25" => "DC",
                "1.2.840.113549.1.9.1" => "emailAddress",
                other => other,
            };
            let value = string(&a.value).map_or_else(
                || format!("#{}", data_encoding::HEXLOWER.encode(a.value.value())),
                |text| escape(&text),
            );
            format!("{kind}={value}")
        })
        .collect();
    parts.reverse();
    parts.join(",")
}

/// RFC 4514 section 2.4.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let last = text.chars().count().saturating_sub(1);
    for (at, c) in text.chars().enumerate() {
        let special = matches!(c, '"' | '+' | ',' | ';' | '<' | '>' | '\\')
            || at == 0 && matches!(c, '#' | ' ')
            || at == last && c == ' ';
        if special {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// The certificates of a Certificate message, in order, and whether the message was understood. `nested`: with the
/// request context and extensions of TLS 1.3 (RFC 8446 section 4.4.2).
pub fn chain(body: &[u8], nested: bool) -> Option<Vec<&[u8]>> {
    let vector = |bytes: &'_ [u8], size: usize| -> Option<(usize, usize)> {
        let length = bytes
            .get(..size)?
            .iter()
            .fold(0usize, |n, b| n << 8 | usize::from(*b));
        let end = size.checked_add(length)?;
        (end <= bytes.len()).then_some((size, end))
    };
    let mut rest = body;
    if nested {
        let (_, end) = vector(rest, 1)?;
        rest = rest.get(end..)?;
    }
    let (begin, end) = vector(rest, 3)?;
    let mut list = rest.get(begin..end)?;
    let mut found = Vec::new();
    while !list.is_empty() {
        let (begin, end) = vector(list, 3)?;
        found.push(list.get(begin..end)?);
        list = list.get(end..)?;
        if nested {
            let (_, end) = vector(list, 2)?;
            list = list.get(end..)?;
        }
    }
    Some(found)
}

/// Takes the compression off a certificate message (RFC 8879) of at most `most` bytes. `None`: its algorithm is not
/// known, or it does not have the length it declares.
pub fn uncompressed(body: &[u8], most: usize) -> Option<Vec<u8>> {
    let (&[high, low, a, b, c, ..], data) = (body.first_chunk::<8>()?, body.get(8..)?);
    let length = usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c);
    if length > most {
        return None;
    }
    let mut plain = Vec::new();
    let most = most as u64;
    match u16::from_be_bytes([high, low]) {
        1 => flate2::read::ZlibDecoder::new(data)
            .take(most)
            .read_to_end(&mut plain),
        2 => brotli::Decompressor::new(data, 4096)
            .take(most)
            .read_to_end(&mut plain),
        3 => ruzstd::decoding::StreamingDecoder::new(data)
            .ok()?
            .take(most)
            .read_to_end(&mut plain),
        _ => return None,
    }
    .ok()?;
    (plain.len() == length).then_some(plain)
}
