//! The first inputs of every target, all made here.

use crate::pieces::{DOWN, SEALED, join};
use crate::{packets, quic, seeds_http, seeds_layers, seeds_sealed, tls};

/// Readers of logs, and what they read.
pub const LOGS: [(&str, &[u8]); 9] = [
    ("adguard-home", b"{\"T\":\"2024-05-01T08:15:00Z\",\"QH\":\"collect.example\",\"QT\":\"A\",\"QC\":\"IN\",\"IP\":\"10.0.0.2\",\"Answer\":\"AAGBgAABAAEAAAAA\",\"Result\":{}}\n"),
    ("app-privacy-report", b"{\"type\":\"networkActivity\",\"bundleID\":\"com.example.a\",\"domain\":\"collect.example\",\"hits\":3,\"firstTimeStamp\":\"2024-05-01T08:15:00.000+02:00\",\"timeStamp\":\"2024-05-01T08:16:00.000+02:00\",\"domainType\":1}\n{\"type\":\"access\",\"accessor\":{\"identifier\":\"com.example.a\",\"identifierType\":\"bundleID\"},\"category\":\"location\",\"identifier\":\"A\",\"kind\":\"intervalBegin\",\"timeStamp\":\"2024-05-01T08:15:00.000+02:00\"}\n"),
    ("dnsmasq", b"May  1 08:15:00 dnsmasq[123]: query[A] collect.example from 10.0.0.2\nMay  1 08:15:00 dnsmasq[123]: reply collect.example is 203.0.113.7\n"),
    ("nextdns", b"timestamp,domain,query_type,dnssec,protocol,client_ip,status,reasons,device_id,device_name\n2024-05-01T08:15:00.000Z,collect.example,A,false,DNS-over-HTTPS,10.0.0.2,,,AB12C,phone\n"),
    ("pcapdroid-csv", b"IPProto,SrcIP,SrcPort,DstIp,DstPort,UID,App,Proto,Status,Info,BytesSent,BytesRcvd,PktsSent,PktsRcvd,FirstSeen,LastSeen\n6,10.0.0.2,40000,203.0.113.7,443,10123,Example,TLS,Closed,collect.example,100,200,3,4,1714551300,1714551310\n"),
    ("pihole-csv", b"\"2024-05-01T08:15:00\",\"A\",\"collect.example\",\"10.0.0.2\",\"OK (forwarded)\",\"IP\",\"12.3ms\"\n"),
    ("suricata-eve", b"{\"timestamp\":\"2024-05-01T08:15:00.000000+0000\",\"flow_id\":1,\"event_type\":\"tls\",\"src_ip\":\"10.0.0.2\",\"src_port\":40000,\"dest_ip\":\"203.0.113.7\",\"dest_port\":443,\"proto\":\"TCP\",\"tls\":{\"sni\":\"collect.example\",\"version\":\"TLS 1.3\"}}\n"),
    ("tracker-control", b"uid;daddr;dport;uncertain;time;package;tracker\n10123;collect.example;443;0;1714551300000;com.example.a;Example\n"),
    ("zeek", b"#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tdns\n#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tquery\tqtype_name\tanswers\n#types\ttime\tstring\taddr\tport\taddr\tport\tenum\tstring\tstring\tvector[string]\n1714551300.0\tC1\t10.0.0.2\t40000\t10.0.0.1\t53\tudp\tcollect.example\tA\t203.0.113.7\n"),
];

const HAR: &[u8] = b"{\"log\":{\"version\":\"1.2\",\"creator\":{\"name\":\"x\",\"version\":\"1\"},\"entries\":[{\"startedDateTime\":\"2024-05-01T08:15:00.000Z\",\"time\":5,\"request\":{\"method\":\"POST\",\"url\":\"https://collect.example/v1?a=b\",\"httpVersion\":\"HTTP/2\",\"headers\":[{\"name\":\"X-Id\",\"value\":\"42\"}],\"postData\":{\"mimeType\":\"application/json\",\"text\":\"{\\\"a\\\":1}\"}},\"response\":{\"status\":200,\"headers\":[],\"content\":{\"size\":2,\"text\":\"b2s=\",\"encoding\":\"base64\"}},\"serverIPAddress\":\"203.0.113.7\",\"_webSocketMessages\":[{\"type\":\"send\",\"time\":1714551300.1,\"opcode\":1,\"data\":\"hello\"}]}]}}";
const QUERY: &[u8] = b"\0\x07\x01\0\0\x01\0\0\0\0\0\0\x07collect\x07example\0\0\x01\0\x01";
const ANSWER: &[u8] = b"\0\x07\x81\x80\0\x01\0\x02\0\0\0\0\x07collect\x07example\0\0\x01\0\x01\xc0\x0c\0\x05\0\x01\0\0\0\x3c\0\x04\x01a\xc0\x14\xc0\x2d\0\x01\0\x01\0\0\0\x3c\0\x04\xcb\0\x71\x07";

fn tnet(kind: char, body: &[u8]) -> Vec<u8> {
    [format!("{}:", body.len()).as_bytes(), body, &[kind as u8]].concat()
}

/// A flow of mitmproxy in its typed netstrings.
fn flow() -> Vec<u8> {
    let pair = |name: &str, value: Vec<u8>| [tnet(';', name.as_bytes()), value].concat();
    let text = |text: &str| tnet(',', text.as_bytes());
    let address = tnet(
        ']',
        &[tnet(';', b"203.0.113.7"), tnet('#', b"443")].concat(),
    );
    let headers = tnet(
        ']',
        &tnet(']', &[text("Host"), text("collect.example")].concat()),
    );
    let request = [
        pair("host", tnet(';', b"collect.example")),
        pair("port", tnet('#', b"443")),
        pair("method", text("POST")),
        pair("scheme", text("https")),
        pair("authority", text("")),
        pair("path", text("/v1")),
        pair("http_version", text("HTTP/1.1")),
        pair("headers", headers),
        pair("content", text("a=b")),
        pair("timestamp_start", tnet('^', b"1714551300.5")),
    ];
    let server = [
        pair("address", address.clone()),
        pair("peername", address),
        pair("tls", tnet('!', b"true")),
    ];
    let whole = [
        pair("version", tnet('#', b"21")),
        pair("type", tnet(';', b"http")),
        pair("id", tnet(';', b"1")),
        pair("request", tnet('}', &request.concat())),
        pair("server_conn", tnet('}', &server.concat())),
        pair("response", tnet('~', b"")),
    ];
    tnet('}', &whole.concat())
}

/// Inputs without a message: they are about what stands around messages.
pub const SILENT: [&str; 2] = ["after", "frames"];

/// (target, name, input).
pub fn all() -> Vec<(&'static str, String, Vec<u8>)> {
    let mut found: Vec<(&'static str, String, Vec<u8>)> = Vec::new();
    let mut add = |target, name: &str, bytes: Vec<u8>| found.push((target, name.to_owned(), bytes));
    let first = |byte: u8, bytes: &[u8]| [&[byte][..], bytes].concat();

    let one = seeds_http::http1();
    let talk = crate::pieces::pieces(&one);
    let said = tls::session(
        b"http/1.1",
        &[(SEALED, talk[0].1), (SEALED | DOWN, talk[1].1)],
    );
    let said: Vec<_> = said
        .iter()
        .map(|(flags, bytes)| (*flags, bytes.as_slice()))
        .collect();
    let mut mixed = packets::stream(80, &talk);
    mixed.push(packets::udp(true, 53, QUERY));
    mixed.push(packets::udp(false, 53, ANSWER));
    add("capture", "pcap", first(0, &packets::pcap(&mixed)));
    add(
        "capture",
        "pcapng",
        first(1, &packets::pcapng_packets(&mixed)),
    );
    add(
        "capture",
        "pcapng-tls",
        first(5, &packets::pcapng_packets(&packets::stream(443, &said))),
    );

    add("tls", "records", first(0, &join(&said)));
    add(
        "tls",
        "http1",
        first(1, &join(&[(SEALED, talk[0].1), (SEALED | DOWN, talk[1].1)])),
    );
    let update: &[u8] = &[24, 0, 0, 1, 0];
    let ticket: &[u8] = &[4, 0, 0, 0x0f, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 1, 2, 0, 0];
    add(
        "tls",
        "after",
        first(
            1,
            &join(&[
                (SEALED | DOWN | 0x10, ticket),
                (SEALED | 0x10, update),
                (SEALED | 0x20, &[1, 0]),
            ]),
        ),
    );
    let two = seeds_http::http2();
    let two = crate::pieces::pieces(&two);
    let begin = [seeds_http::PREFACE, two[0].1].concat();
    add(
        "tls",
        "http2",
        first(3, &join(&[(SEALED, &begin), (SEALED | DOWN, two[1].1)])),
    );

    add("http1", "talk", seeds_http::http1());
    add("http2", "talk", seeds_http::http2());
    add("http3", "talk", seeds_http::http3());
    add("websocket", "plain", seeds_http::websocket(false));
    add("websocket", "deflate", seeds_http::websocket(true));
    add(
        "mqtt",
        "talk",
        join(&[
            (
                0,
                b"\x10\x16\0\x04MQTT\x04\xc2\0\x3c\0\x02id\0\x01u\0\x03pwd",
            ),
            (DOWN, b"\x20\x02\0\0"),
            (0, b"\x30\x0a\0\x03a/bhello"),
            (0, b"\x82\x08\0\x01\0\x03a/#\0"),
            (DOWN, b"\x90\x03\0\x01\0"),
            (0, b"\xe0\0"),
        ]),
    );
    add(
        "mqtt",
        "five",
        join(&[
            (
                0,
                b"\x10\x13\0\x04MQTT\x05\x02\0\x3c\x03\x21\0\x14\0\x03abc",
            ),
            (DOWN, b"\x20\x06\0\0\x03\x22\0\x0a"),
            (0, b"\x32\x0f\0\x03a/b\0\x01\x02\x01\x01hello"),
            (DOWN, b"\x40\x02\0\x01"),
        ]),
    );
    add("dns", "udp", first(0, &join(&[(0, QUERY), (DOWN, ANSWER)])));
    add(
        "dns",
        "mdns",
        first(3, &join(&[(0, QUERY), (DOWN, ANSWER)])),
    );
    let long = |bytes: &[u8]| tls::vector(2, bytes);
    add(
        "dns",
        "tcp",
        first(1, &join(&[(0, &long(QUERY)), (DOWN, &long(ANSWER))])),
    );

    let hello = tls::client_hello(b"h3");
    let crypto = [&[6, 0, 0x40, hello.len() as u8][..], &hello].concat();
    add(
        "quic",
        "frames",
        join(&[(SEALED, &crypto), (SEALED | DOWN, &[2, 0, 0, 0, 0, 1])]),
    );
    add(
        "quic",
        "packets",
        join(&[
            (0, &quic::initial(true, 0, &crypto)),
            (
                DOWN,
                &[0x80, 0, 0, 0, 0, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 1],
            ),
        ]),
    );
    found.extend(seeds_sealed::all());
    let mut add = |target, name: &str, bytes: Vec<u8>| found.push((target, name.to_owned(), bytes));
    add("har", "one", HAR.to_vec());
    add("mitmproxy", "one", flow());
    for (number, (name, bytes)) in LOGS.iter().enumerate() {
        add("logs", name, first(number as u8, bytes));
    }
    add("keys", "log", tls::key_log().into_bytes());
    add(
        "keys",
        "rsa",
        b"-----BEGIN RSA PRIVATE KEY-----\nMAkCAQACAQMCAQM=\n-----END RSA PRIVATE KEY-----\n"
            .to_vec(),
    );
    let peel: [(u8, &str, &[u8]); 9] = [
        (1, "form", b"v=1&data_list=eyJhIjogIjVlMmY4YTkxYzA3YjQzZDYifQ%3D%3D"),
        (2, "json", b"{\"a\":[1,null,{\"b\":\"c%20d\"}],\"d\":\"{\\\"e\\\":\\\"f\\\"}\",\"g\":\"6869206865782074657874206f6b\"}"),
        (3, "multipart", b"--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nvalue\r\n--b--\r\n"),
        (4, "sse", b"event: x\ndata: {\"a\":1}\n\n"),
        (5, "grpc", b"\0\0\0\0\x05hello"),
        (6, "query", b"url=https%3A%2F%2Fnews.example%2Fa%3Fb%3Dc&t=1"),
        (7, "cookie", b"sid=eyJhbGciOiJub25lIn0.eyJzdWIiOiI0MiJ9.; b=c"),
        (0, "gzip", &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xab, 0x56, 0x4a, 0x54, 0xb2, 0x52, 0x30, 0xac, 5, 0, 0xa9, 0xca, 0xb2, 0x45, 8, 0, 0, 0]),
        (0, "zlib", &[0x78, 0x9c, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0x57, 0x28, 0xcf, 0x2f, 0xca, 0x49, 1, 0, 0x1a, 0x0b, 4, 0x5d]),
    ];
    for (kind, name, bytes) in peel {
        add("peel", name, first(kind, bytes));
    }
    found.extend(seeds_layers::all());
    // Place, bytes taken away, bytes put in, leaves; then the text that is changed so.
    for (number, change) in [
        [0, 60, 3, 0, 255],
        [0, 9, 0, 2, 255],
        [0, 200, 90, 90, 255],
        [0, 0, 0, 0, 1],
    ]
    .into_iter()
    .enumerate()
    {
        let input = [&change[..], EVENTS].concat();
        found.push(("alike", format!("events-{number}"), input));
    }
    found
}

/// Objects in an array, some of them the same.
const EVENTS: &[u8] = br#"{"report":"17","events":[{"at":"12:01","shown":["a page",null,""],"of":{"a":1}},{"at":"12:02","shown":["a page",null,""],"of":{"a":1}},[[],{},"\u0041"]],"settings":{"on":true,"list":["x","y",{"deep":[1,2,3]}]}}"#;
