use super::*;

const MAC: Mac = [0x28, 0xfb, 0xae, 1, 2, 3];

fn address(last: u8) -> Address {
    Address::v4([192, 168, 1, last])
}

fn udp(from: u16, to: u16, payload: &[u8]) -> udp::Packet<'_> {
    udp::Packet {
        ports: (from, to),
        payload,
        cut: 0,
    }
}

/// What is told of one datagram, as `kind name=value`.
fn told(from: u16, to: u16, payload: &[u8]) -> Vec<String> {
    let mut all = Neighbours::default();
    let at = Arrival::default();
    all.datagram(Some(MAC), address(7), &udp(from, to, payload), &at);
    let words = |a: &Announcement| format!("{} {}={}", a.kind, a.name, a.value);
    all.told.iter().map(words).collect()
}

fn dhcp(operation: u8, options: &[(u8, &[u8])]) -> Vec<u8> {
    let mut bytes = vec![0; 240];
    bytes[..3].copy_from_slice(&[operation, 1, 6]);
    bytes[16..20].copy_from_slice(&[192, 168, 1, 9]);
    bytes[28..34].copy_from_slice(&MAC);
    bytes[236..].copy_from_slice(&[0x63, 0x82, 0x53, 0x63]);
    for (code, value) in options {
        bytes.extend([*code, value.len() as u8]);
        bytes.extend_from_slice(value);
    }
    bytes.push(255);
    bytes
}

#[test]
fn hardware_addresses_of_link_layers() {
    let mut ethernet = vec![0; 14];
    ethernet[6..12].copy_from_slice(&MAC);
    assert_eq!(Neighbours::sender(1, &ethernet), Some(MAC));
    let cooked = [&[0, 0, 0, 1, 0, 6][..], &MAC, &[0, 0, 8, 0]].concat();
    assert_eq!(Neighbours::sender(113, &cooked), Some(MAC));
    let loopback = [&[0, 0, 3, 4, 0, 6][..], &MAC, &[0, 0, 8, 0]].concat();
    assert_eq!(Neighbours::sender(113, &loopback), None);
    let second = [&[8, 0, 0, 0, 0, 0, 0, 2, 0, 1, 0, 6][..], &MAC, &[0, 0]].concat();
    assert_eq!(Neighbours::sender(276, &second), Some(MAC));
    assert_eq!(Neighbours::sender(101, &ethernet), None);
    assert_eq!(Neighbours::sender(1, &ethernet[..11]), None);
}

#[test]
fn only_local_addresses_belong_to_a_device() {
    let mut all = Neighbours::default();
    let at = Arrival::default();
    all.ip(MAC, Address::v4([8, 8, 8, 8]), &at);
    assert!(all.told.is_empty());
    for _ in 0..3 {
        all.ip(MAC, address(7), &at);
        all.ip(MAC, address(8), &at);
    }
    assert_eq!(all.told.len(), 2);
    assert_eq!(all.told[0].mac.as_deref(), Some("28:fb:ae:01:02:03"));
    assert_eq!(all.told[0].address.as_deref(), Some("192.168.1.7"));
    assert_eq!(all.told[0].count, 3);
}

#[test]
fn arp_and_neighbour_discovery() {
    let request = [
        &[0, 1, 8, 0, 6, 4, 0, 1][..],
        &MAC,
        &[192, 168, 1, 7],
        &[0; 10],
    ]
    .concat();
    assert_eq!(arp::sender(&request), Some((MAC, address(7))));
    let probe = [&request[..14], &[0, 0, 0, 0], &[0; 10]].concat();
    assert_eq!(arp::sender(&probe), None);

    let link = Address::v6([0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    let asks = [&[135, 0, 0, 0, 0, 0, 0, 0][..], &[0; 16], &[1, 1], &MAC].concat();
    assert_eq!(ndp::holder(link, &asks), Some((MAC, link)));
    assert_eq!(ndp::holder(Address::v6([0; 16]), &asks), None);
    let endless = [&[135, 0, 0, 0, 0, 0, 0, 0][..], &[0; 16], &[9, 0, 0, 0]].concat();
    assert_eq!(ndp::holder(link, &endless), None);
}

#[test]
fn dhcp_tells_names_and_kinds() {
    let request = dhcp(
        1,
        &[
            (53, &[3]),
            (12, b"galaxy-s9\0"),
            (60, b"android-dhcp-11"),
            (55, &[1, 3, 6, 15]),
        ],
    );
    assert_eq!(
        told(68, 67, &request),
        [
            "dhcp host-name=galaxy-s9",
            "dhcp vendor-class=android-dhcp-11",
            "dhcp parameters=1,3,6,15"
        ]
    );
    assert_eq!(
        told(67, 68, &dhcp(2, &[(12, b"router")])),
        ["dhcp given=192.168.1.9"]
    );
    for end in 0..request.len() {
        told(68, 67, &request[..end]);
    }
}

#[test]
fn multicast_dns_tells_services_and_properties() {
    let name = |text: &str| {
        let mut bytes = Vec::new();
        for label in text.split('.') {
            bytes.push(label.len() as u8);
            bytes.extend_from_slice(label.as_bytes());
        }
        bytes.push(0);
        bytes
    };
    let record = |owner: &str, kind: u16, data: &[u8]| {
        let fixed = [&kind.to_be_bytes()[..], &[0, 1, 0, 0, 0, 120]].concat();
        let length = (data.len() as u16).to_be_bytes();
        [&name(owner)[..], &fixed, &length, data].concat()
    };
    let service = "_googlecast._tcp.local";
    let instance = "Chromecast-1._googlecast._tcp.local";
    let answer = [
        &[0, 0, 0x84, 0, 0, 0, 0, 3, 0, 0, 0, 0][..],
        &record(service, 12, &name(instance)),
        &record("_services._dns-sd._udp.local", 12, &name(service)),
        &record(instance, 16, b"\x0dmd=Chromecast\x02ve\x04id=\0"),
        &record("living-room.local", 1, &[192, 168, 1, 7]),
    ]
    .concat();
    assert_eq!(
        told(5353, 5353, &answer),
        [
            "mdns service=_googlecast._tcp.local",
            "mdns instance=chromecast-1",
            "mdns txt:md=Chromecast",
            "mdns txt:id=\0",
            "mdns host-name=living-room"
        ]
    );
    let mut question = answer.clone();
    question[2] = 0;
    assert!(told(5353, 5353, &question).is_empty());
}

#[test]
fn ssdp_tells_what_runs_and_not_what_is_sought() {
    let search = b"M-SEARCH * HTTP/1.1\r\nST: urn:dial-multiscreen-org:service:dial:1\r\nUSER-AGENT: Google Chrome/81\r\n\r\n";
    assert_eq!(
        told(50_000, 1900, search),
        ["ssdp user-agent=Google Chrome/81"]
    );
    let notify = b"NOTIFY * HTTP/1.1\r\nNT: urn:schemas-upnp-org:device:MediaRenderer:1\r\nServer: Linux UPnP/1.0 TV/2\r\nNTS: ssdp:alive\r\n\r\n";
    assert_eq!(
        told(1900, 1900, notify),
        [
            "ssdp nt=urn:schemas-upnp-org:device:MediaRenderer:1",
            "ssdp server=Linux UPnP/1.0 TV/2"
        ]
    );
    assert!(told(1900, 1900, b"GET / HTTP/1.1\r\nServer: x\r\n\r\n").is_empty());
    assert!(told(1900, 1900, b"\xff\xfe").is_empty());
}

#[test]
fn netbios_names_of_computers() {
    let encode = |name: &[u8; 16]| -> Vec<u8> {
        let halves = name.iter().flat_map(|b| [b'A' + (b >> 4), b'A' + (b & 15)]);
        halves.collect()
    };
    let registration = |name: &[u8; 16], group: u8| {
        [
            &[0, 1, 0x29, 0x10, 0, 1, 0, 0, 0, 0, 0, 1, 32][..],
            &encode(name),
            &[0, 0, 32, 0, 1, 0xc0, 12, 0, 32, 0, 1, 0, 0, 0, 0, 0, 6],
            &[group, 0, 192, 168, 1, 7],
        ]
        .concat()
    };
    let own = registration(b"LAPTOP-7       \0", 0);
    assert_eq!(told(137, 137, &own), ["netbios name=LAPTOP-7"]);
    assert!(told(137, 137, &registration(b"WORKGROUP      \0", 0x80)).is_empty());
    assert!(told(137, 137, &registration(b"LAPTOP-7        ", 0)).is_empty());
}

#[test]
fn statements_are_kept_once_cut_and_limited() {
    let mut all = Neighbours::default();
    let at = Arrival::default();
    let long = "é".repeat(VALUE_BYTES);
    all.say(Speaker::default(), "ssdp", "server", &long, &at);
    all.say(Speaker::default(), "ssdp", "server", &long, &at);
    assert_eq!(all.told.len(), 1);
    assert_eq!(all.told[0].count, 2);
    assert_eq!(all.told[0].value.len(), VALUE_BYTES);
    for number in 0..STATEMENTS {
        all.say(Speaker::default(), "ssdp", "nt", &number.to_string(), &at);
    }
    assert_eq!(all.told.len(), STATEMENTS);
    assert!(all.dropped);
}

proptest::proptest! {
    #[test]
    fn nothing_breaks_on_any_bytes(bytes: Vec<u8>, from in 0u16..6000, port in 0usize..6) {
        let to = [67, 68, 137, 1900, 5353, 9][port];
        told(from, to, &bytes);
        told(to, to, &bytes);
        let _ = arp::sender(&bytes);
        let _ = ndp::holder(address(7), &bytes);
    }
}
