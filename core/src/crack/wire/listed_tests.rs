//! Every listed format: a message that is it, and the nearest that are not.

use super::*;

type Words<'a> = &'a [(&'a str, &'a [u8])];

/// What must be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    Plain,
    ToRecipient,
    NotKnown,
}

struct Case {
    id: &'static str,
    host: &'static str,
    path: &'static str,
    headers: Words<'static>,
    fields: Words<'static>,
    said: Said,
}

const fn case(id: &'static str, host: &'static str, path: &'static str, said: Said) -> Case {
    Case {
        id,
        host,
        path,
        headers: &[],
        fields: &[],
        said,
    }
}

use Said::{NotKnown, Plain, ToRecipient};

static CASES: &[Case] = &[
    Case {
        fields: &[("t", b"miui_apps"), ("value", b"e30=")],
        ..case("miui-tracks", "tracking.intl.miui.com", "/tracks", Plain)
    },
    Case {
        headers: &[("ot_sid", b"1")],
        ..case("onetrack", "tracking.miui.com", "/track/v4", ToRecipient)
    },
    case("nearx-track", "obus-eu-dc.heytapmobi.com", "/x", NotKnown),
    case(
        "beacon-js",
        "otheve.beacon.qq.com",
        "/analytics/v2_upload",
        Plain,
    ),
    case(
        "beacon-app",
        "oth.str.mdt.qq.com",
        "/analytics/v2_upload",
        NotKnown,
    ),
    case("bugly", "android.bugly.qq.com", "/rqd/async", NotKnown),
    Case {
        headers: &[("Authorization", b"Basic eA==")],
        ..case("jpush", "stats.jpush.cn", "/v3/report", ToRecipient)
    },
    case("getui", "sdk.open.getui.com", "/api.php", NotKnown),
    case("ali-ut", "h-adashx.ut.taobao.com", "/upload", NotKnown),
    case(
        "ali-ut",
        "acs.m.taobao.com",
        "/gw/mtop.common.gettimestamp/1.0/",
        NotKnown,
    ),
    case("ali-ut", "log.mmstat.com", "/eg.js", NotKnown),
    case("baidu-mobstat", "hmma.baidu.com", "/app.gif", NotKnown),
    case("google-fa", "app-measurement.com", "/a", Plain),
    case(
        "google-gdt",
        "firebaselogging-pa.googleapis.com",
        "/v1/firelog/legacy/batchlog",
        Plain,
    ),
    case(
        "google-ads",
        "googleads.g.doubleclick.net",
        "/mads/gma",
        Plain,
    ),
    case("fcm", "fcmtoken.googleapis.com", "/register", Plain),
    case(
        "fb-app",
        "graph.facebook.com",
        "/v16.0/123/activities",
        Plain,
    ),
    case("fb-app", "web.facebook.com", "/adnw_sync2", Plain),
    case("adjust", "app.eu.adjust.com", "/sdk_click", Plain),
    case("branch", "api2.branch.io", "/v1/install", Plain),
    case(
        "appsflyer",
        "launches.appsflyersdk.com",
        "/api/v6",
        NotKnown,
    ),
    case("ms-appcenter", "in.appcenter.ms", "/logs", Plain),
    case(
        "ms-onecollector",
        "self.events.data.microsoft.com",
        "/OneCollector/1.0/",
        NotKnown,
    ),
    case(
        "apple-ads",
        "ca.iadsdk.apple.com",
        "/adserver/attribution/v2",
        Plain,
    ),
    case("samsung-dqa", "dc.dqa.samsung.com", "/x", NotKnown),
    Case {
        fields: &[("deviceid", b"1")],
        ..case("yandex", "report.appmetrica.yandex.net", "/report", Plain)
    },
];

fn around<'a>(case: &'a Case, host: &'a str) -> Surroundings<'a> {
    Surroundings {
        host,
        path: case.path,
        headers: case.headers,
        fields: case.fields,
    }
}

fn id(around: &Surroundings<'_>) -> Option<&'static str> {
    recognise(around, "", b"x").map(|found| found.id)
}

#[test]
fn each_is_recognised_where_everything_agrees() {
    for case in CASES {
        let found = recognise(&around(case, case.host), "", b"x").expect(case.id);
        assert_eq!(found.id, case.id);
        assert!(!found.name.is_empty() && !found.vendor.is_empty());
        let said = match found.outcome {
            Outcome::Plain => Plain,
            Outcome::ToRecipient(why) => {
                assert!(why.ends_with('.'));
                ToRecipient
            }
            Outcome::NotKnown(why) => {
                let unconfirmed = why.contains("nobody confirmed");
                assert_eq!(
                    unconfirmed,
                    basis(case.id) == Some(Basis::Unconfirmed),
                    "{}",
                    case.id
                );
                NotKnown
            }
            Outcome::Opened { .. } => panic!("{} was opened", case.id),
        };
        assert_eq!(said, case.said, "{}", case.id);
    }
}

#[test]
fn none_is_recognised_where_something_does_not() {
    for case in CASES {
        let id_of = |host: &str| id(&around(case, host));
        for host in [
            format!("{}.example", case.host),
            format!("not-{}.org", case.host),
            case.host.replace('.', "-"),
            String::new(),
        ] {
            assert_eq!(id_of(&host), None, "{} at {host:?}", case.id);
        }
        // Without one of what must be there.
        let without_fields = Surroundings {
            fields: &[],
            ..around(case, case.host)
        };
        if !case.fields.is_empty() {
            assert_ne!(id(&without_fields), Some(case.id));
        }
        let without_headers = Surroundings {
            headers: &[],
            ..around(case, case.host)
        };
        if !case.headers.is_empty() {
            assert_ne!(id(&without_headers), Some(case.id));
        }
        let listed = super::listed::LISTED
            .iter()
            .filter(|listed| listed.id() == case.id);
        if listed.clone().all(super::listed::Listed::asks_for_a_path) {
            let elsewhere = Surroundings {
                path: "/elsewhere",
                ..around(case, case.host)
            };
            assert_eq!(id(&elsewhere), None, "{}", case.id);
        }
    }
}

#[test]
fn every_listed_format_has_a_case() {
    for listed in super::listed::LISTED {
        assert!(
            CASES.iter().any(|case| case.id == listed.id()),
            "{}",
            listed.id()
        );
    }
}

/// Hosts of a name that only begins or ends alike belong to somebody else.
#[test]
fn names_are_compared_label_by_label() {
    for (host, known) in [
        ("getui.com", true),
        ("a.getui.com", true),
        ("notgetui.com", false),
        ("getui.com.example", false),
        ("xmmstat.com", false),
        ("m.taobao.com.example", false),
    ] {
        let here = Surroundings {
            host,
            path: "/gw/mtop.x",
            ..Surroundings::default()
        };
        assert_eq!(id(&here).is_some(), known, "{host}");
    }
}
