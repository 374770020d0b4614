//! Hostile input for every reader, and what counts of the small ones.

use proptest::prelude::*;

use super::*;
use crate::model::{Access, Connection, LimitHit, Message, Name, Problem};

const READERS: [&str; 9] = [
    "adguard-home",
    "app-privacy-report",
    "dnsmasq",
    "nextdns",
    "pcapdroid-csv",
    "pihole-csv",
    "suricata-eve",
    "tracker-control",
    "zeek",
];

#[derive(Default)]
struct Seen {
    messages: Vec<(Option<String>, Option<i64>, i64)>,
    hosts: Vec<Option<String>>,
    names: Vec<(String, Option<String>, String)>,
    accesses: Vec<Access>,
    problems: Vec<Problem>,
    limits: Vec<LimitHit>,
}

impl Sink for Seen {
    fn message(&mut self, m: &Message<'_>) -> Result<(), Stopped> {
        self.messages
            .push((m.url.map(str::to_owned), m.answers, m.frame));
        Ok(())
    }
    fn connection(&mut self, c: &Connection) -> Result<(), Stopped> {
        self.hosts.push(c.host.clone().or(c.sni.clone()));
        Ok(())
    }
    fn name(&mut self, n: &Name<'_>) -> Result<(), Stopped> {
        let canonical = n.canonical.map(str::to_owned);
        self.names
            .push((n.name.to_owned(), canonical, n.address.to_owned()));
        Ok(())
    }
    fn access(&mut self, a: &Access) -> Result<(), Stopped> {
        self.accesses.push(a.clone());
        Ok(())
    }
    fn problem(&mut self, p: Problem) -> Result<(), Stopped> {
        self.problems.push(p);
        Ok(())
    }
    fn limit(&mut self, l: LimitHit) -> Result<(), Stopped> {
        self.limits.push(l);
        Ok(())
    }
    fn progress(&mut self, _: u64) -> Result<(), Stopped> {
        Ok(())
    }
}

fn read_with(name: &str, text: &[u8], limits: &Limits) -> (Seen, Result<Summary, LogError>) {
    let mut seen = Seen::default();
    let input = Box::new(std::io::Cursor::new(text.to_vec()));
    let read = reader(name).expect("a reader");
    let result = read(input, limits, &mut seen);
    (seen, result)
}

fn read(name: &str, text: &str) -> Seen {
    let (seen, result) = read_with(name, text.as_bytes(), &Limits::default());
    result.expect("is read");
    seen
}

#[test]
fn an_answer_of_dnsmasq_follows_its_aliases() {
    let seen = read(
        "dnsmasq",
        "Nov 22 12:00:01 dnsmasq[7]: query[A] www.example.com from 192.168.1.2\n\
         Nov 22 12:00:01 dnsmasq[7]: forwarded www.example.com to 9.9.9.9\n\
         Nov 22 12:00:01 dnsmasq[7]: reply www.example.com is <CNAME>\n\
         Nov 22 12:00:01 dnsmasq[7]: reply cdn.example.net is 192.0.2.1\n\
         Nov 22 12:00:01 dnsmasq[7]: reply cdn.example.net is 192.0.2.2\n\
         Nov 22 12:00:02 dnsmasq[7]: reply other.example is 192.0.2.3\n\
         Nov 22 12:00:03 dnsmasq[7]: 12 192.168.1.2/5353 query[AAAA] ads.example from 192.168.1.2\n\
         Nov 22 12:00:03 dnsmasq[7]: 12 192.168.1.2/5353 gravity blocked ads.example is ::\n\
         Nov 22 12:00:04 dnsmasq-dhcp[7]: DHCPACK(eth0) 192.168.1.2\n",
    );
    let canonical = Some("cdn.example.net".to_owned());
    let name = |n: &str, c: &Option<String>, a: &str| (n.to_owned(), c.clone(), a.to_owned());
    assert_eq!(
        seen.names,
        [
            name("www.example.com", &canonical, "192.0.2.1"),
            name("www.example.com", &canonical, "192.0.2.2"),
            name("other.example", &None, "192.0.2.3"),
        ]
    );
    let answers: Vec<_> = seen.messages.iter().map(|m| m.1).collect();
    assert_eq!(answers, [None, Some(0), None, None, Some(3)]);
    assert_eq!(seen.problems.len(), 1, "the line of DHCP");
}

#[test]
fn an_access_without_its_end_is_kept() {
    let line = |kind: &str, id: u32, second: u32| {
        format!(
            "{{\"accessor\":{{\"identifier\":\"app.a\",\"identifierType\":\"bundleID\"}},\
             \"category\":\"camera\",\"identifier\":\"{id}\",\"kind\":\"{kind}\",\
             \"timeStamp\":\"2024-01-01T00:00:0{second}Z\",\"type\":\"access\"}}\n"
        )
    };
    let text = [
        line("intervalBegin", 1, 1),
        line("intervalBegin", 2, 2),
        line("intervalEnd", 1, 3),
        line("intervalEnd", 9, 4),
    ]
    .concat();
    let mut seen = read("app-privacy-report", &text);
    seen.accesses.sort_by_key(|a| a.id);
    let at = |second: i64| Some((1_704_067_200 + second) * 1_000_000);
    let times: Vec<_> = seen.accesses.iter().map(|a| (a.first, a.last)).collect();
    assert_eq!(times, [(at(1), at(3)), (at(2), None), (None, at(4))]);
    let first = "{\"stream\":\"com.apple.privacy.accounting.stream.camera\",\
                 \"accessor\":{\"identifier\":\"b\"},\"timestamp\":\"2021-07-01T00:00:00Z\"}";
    assert_eq!(
        read("app-privacy-report", first).accesses[0].category,
        "camera"
    );
}

#[test]
fn a_stray_quote_costs_one_row() {
    let text = "uid,daddr,time,uncertain,Tracker,Category,Package,App\n\
                1,a.example,1712307431146,0,T,C,p.a,A\n\
                1,\"b.example,1712307431146,0,T,C,p.b,B\n\
                1,C.example,1712307431146,0,T,C,p.c,\"two\nlines\"\n\
                1,d.example\n";
    let seen = read("tracker-control", text);
    let hosts: Vec<_> = seen.hosts.iter().flatten().collect();
    assert_eq!(hosts, ["a.example", "c.example"]);
    // Equal problems are one row, at the place of the first.
    let [problem] = seen.problems.as_slice() else {
        panic!("{:?}", seen.problems);
    };
    assert_eq!(
        (problem.place.as_str(), problem.count),
        ("line 3 at byte 92", 2)
    );
}

#[test]
fn limits_are_told() {
    let long = format!("{{\"QH\":\"{}\"}}\n", "a".repeat(lines::MAX_LINE_BYTES));
    let good =
        "{\"T\":\"2024-01-01T00:00:00Z\",\"QH\":\"a.example\",\"QT\":\"A\",\"IP\":\"192.0.2.1\"}\n";
    let seen = read("adguard-home", &format!("{good}{long}{good}"));
    assert_eq!(seen.messages.len(), 2);
    assert_eq!(seen.messages[1].2, 3, "the line after the long one");
    assert_eq!(seen.limits[0].what, "line bytes");
    let few = Limits {
        open_connections: 2,
        ..Limits::default()
    };
    let many: String = (0..9)
        .map(|n| good.replace("a.example", &format!("{n}.example")))
        .collect();
    let (seen, result) = read_with("adguard-home", many.as_bytes(), &few);
    assert_eq!(result.expect("is read").connections, 9);
    assert_eq!(seen.limits[0].what, "open connections");
    let wide = format!("{{\"QH\":\"a.example\",\"l\":[{}1]}}", "1,".repeat(5000));
    assert_eq!(read("adguard-home", &wide).limits[0].what, "fields");
}

#[test]
fn another_format_is_refused_with_what_was_expected() {
    for name in READERS {
        let (_, result) = read_with(name, b"hello, world\nthis is no log\n", &Limits::default());
        let text = result.expect_err(name).to_string();
        assert!(text.starts_with("this is not "), "{name}: {text}");
    }
}

/// Lines that look like those of some log, in any order, damaged at one place.
fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let lines = prop::sample::select(vec![
        "#separator \\x09",
        "#fields\tts\tuid\tid.orig_h\tid.resp_h\tanswers",
        "#path\tdns",
        "#types\ttime\tstring\taddr\taddr\tvector[string]",
        "1.5\tC1\t10.0.0.1\t10.0.0.2\ta,\\x41",
        "{\"ts\":1,\"uid\":\"a\",\"id.resp_h\":\"::1\",\"trans_depth\":1,\"uri\":\"/x\",\"status_code\":200}",
        "{\"event_type\":\"dns\",\"dns\":{\"type\":\"answer\",\"rrname\":\"a.b\",\"answers\":[{\"rdata\":\"1.2.3.4\"}]}}",
        "{\"event_type\":\"flow\",\"flow\":{\"start\":\"x\",\"bytes_toserver\":99999999999999999999}}",
        "{\"QH\":\"a.b\",\"Answer\":\"AAGBgAABAAEAAAAAAWEBYgAAAQABwAwAAQABAAAAAQAEwAACAQ==\",\"Result\":{}}",
        "{\"accessor\":{\"identifier\":\"a\"},\"category\":\"c\",\"kind\":\"intervalEnd\"}",
        "timestamp,domain,query_type,status,client,uid,daddr,time,tracker,package,ipproto,srcip,dstip,app,info",
        "2024-01-01T00:00:00Z,a.b,A,blocked,1,2,c.d,9e99,t,p,6,10.0.0.1,10.0.0.2,x,\"https://e/f\"",
        "Nov 22 12:00:01 dnsmasq[7]: query[A] a.b from 1.2.3.4",
        "dnsmasq: reply a.b is <CNAME>",
        "\"",
        "{",
        "\u{feff}",
    ]);
    (prop::collection::vec(lines, 0..12), any::<(usize, u8)>()).prop_map(|(lines, (at, byte))| {
        let mut bytes = lines.join("\n").into_bytes();
        let length = bytes.len().max(1);
        if let Some(place) = bytes.get_mut(at % length) {
            *place = byte;
        }
        bytes
    })
}

proptest! {
    #[test]
    fn nothing_panics(text in hostile()) {
        let few = Limits { open_connections: 2, json_depth: 4, ..Limits::default() };
        for name in READERS {
            let (seen, result) = read_with(name, &text, &few);
            if let Ok(summary) = result {
                prop_assert_eq!(summary.messages, seen.messages.len() as i64);
                prop_assert_eq!(summary.connections, seen.hosts.len() as i64);
                prop_assert_eq!(summary.accesses, seen.accesses.len() as i64);
                prop_assert!(summary.damaged == 0 || !(seen.problems.is_empty() && seen.limits.is_empty()));
            }
        }
    }
}
