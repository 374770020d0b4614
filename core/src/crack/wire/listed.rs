//! Formats that only have to be known: without a key, or not opened.

use super::{Basis, Outcome, Surroundings, WireFormat, basis};

/// What is said where even the host is not confirmed.
const UNCONFIRMED: &str = "The host is known from memory only, which nobody confirmed; how this format is written is not known.";

/// What is said of a listed format.
#[derive(Clone, Copy)]
enum Kind {
    Plain,
    ToRecipient(&'static str),
    NotKnown,
}

/// How a listed format is recognised: every list that is not empty must agree.
pub(super) struct Listed {
    id: &'static str,
    name: &'static str,
    vendor: &'static str,
    hosts: &'static [&'static str],
    /// Beginnings of paths.
    paths: &'static [&'static str],
    /// What stands somewhere in the path.
    inside: &'static [&'static str],
    /// Headers that must be there.
    headers: &'static [&'static str],
    /// Fields that must be there.
    fields: &'static [&'static str],
    kind: Kind,
}

#[cfg(test)]
impl Listed {
    /// True when the host alone is not enough.
    pub(super) fn asks_for_a_path(&self) -> bool {
        !self.paths.is_empty() || !self.inside.is_empty()
    }
}

const NONE: Listed = Listed {
    id: "",
    name: "",
    vendor: "",
    hosts: &[],
    paths: &[],
    inside: &[],
    headers: &[],
    fields: &[],
    kind: Kind::NotKnown,
};

impl WireFormat for Listed {
    fn id(&self) -> &'static str {
        self.id
    }

    fn name(&self) -> &'static str {
        self.name
    }

    fn vendor(&self) -> &'static str {
        self.vendor
    }

    fn outcome(&self, around: &Surroundings<'_>, _field: &str, _value: &[u8]) -> Option<Outcome> {
        let agrees = (self.hosts.is_empty() || around.host_is(self.hosts))
            && (self.paths.is_empty() || around.path_is(self.paths))
            && (self.inside.is_empty() || around.path_has(self.inside))
            && self
                .headers
                .iter()
                .all(|name| around.header(name).is_some())
            && around.has(self.fields);
        agrees.then_some(match self.kind {
            Kind::Plain => Outcome::Plain,
            Kind::ToRecipient(why) => Outcome::ToRecipient(why),
            Kind::NotKnown => Outcome::NotKnown(match basis(self.id) {
                Some(Basis::Unconfirmed) => UNCONFIRMED,
                _ => "How this format is written is not known.",
            }),
        })
    }
}

/// The list. Sources are in brackets, in the words of `sources.rs`.
pub(super) static LISTED: &[Listed] = &[
    // MIUI analytics: base64 of JSON in `value` (decompiled).
    Listed {
        id: "miui-tracks",
        name: "MIUI analytics",
        vendor: "Xiaomi",
        hosts: &["tracking.miui.com", "tracking.*.miui.com"],
        paths: &["/tracks"],
        fields: &["t", "value"],
        kind: Kind::Plain,
        ..NONE
    },
    // OneTrack 2.1: AES-ECB, key from the server by RSA (decompiled).
    Listed {
        id: "onetrack",
        name: "OneTrack",
        vendor: "Xiaomi",
        hosts: &["tracking.miui.com", "tracking.*.miui.com"],
        paths: &["/track/v4"],
        headers: &["OT_SID"],
        kind: Kind::ToRecipient("The key comes from the server, wrapped for this device."),
        ..NONE
    },
    // nearx.track (host).
    Listed {
        id: "nearx-track",
        name: "nearx.track",
        vendor: "OPPO",
        hosts: &["obus-*.heytapmobi.com", "obus-*.heytapmobile.com"],
        ..NONE
    },
    // Beacon for the web: JSON (research).
    Listed {
        id: "beacon-js",
        name: "Beacon (web)",
        vendor: "Tencent",
        hosts: &["otheve.beacon.qq.com"],
        paths: &["/analytics/v2_upload"],
        kind: Kind::Plain,
        ..NONE
    },
    // Beacon for Android (host).
    Listed {
        id: "beacon-app",
        name: "Beacon",
        vendor: "Tencent",
        hosts: &[
            "othstr.beacon.qq.com",
            "oth.eve.mdt.qq.com",
            "oth.str.mdt.qq.com",
        ],
        ..NONE
    },
    // Bugly (host and path).
    Listed {
        id: "bugly",
        name: "Bugly",
        vendor: "Tencent",
        hosts: &["android.bugly.qq.com", "rqd.uu.qq.com"],
        paths: &["/rqd/"],
        ..NONE
    },
    // JPush report: AES-CBC, seed of the key wrapped by RSA in the Authorization header (decompiled).
    Listed {
        id: "jpush",
        name: "JPush report",
        vendor: "JiGuang",
        hosts: &["stats.jpush.cn"],
        paths: &["/v3/report"],
        headers: &["Authorization"],
        kind: Kind::ToRecipient(
            "The seed of the key is wrapped with the public key of the server.",
        ),
        ..NONE
    },
    // Getui (unconfirmed).
    Listed {
        id: "getui",
        name: "Getui push",
        vendor: "Getui",
        hosts: &["getui.com", "igexin.com"],
        ..NONE
    },
    // Alibaba UT (hosts and paths).
    Listed {
        id: "ali-ut",
        name: "UT",
        vendor: "Alibaba",
        hosts: &[
            "h-adashx.ut.taobao.com",
            "adash.m.taobao.com",
            "c-adash.m.taobao.com",
        ],
        paths: &["/upload", "/rest/"],
        ..NONE
    },
    // The gateway of the same for apps (hosts and paths).
    Listed {
        id: "ali-ut",
        name: "mtop",
        vendor: "Alibaba",
        hosts: &["m.taobao.com"],
        paths: &["/gw/mtop."],
        ..NONE
    },
    // Image requests of the same for the web (host).
    Listed {
        id: "ali-ut",
        name: "UT",
        vendor: "Alibaba",
        hosts: &["mmstat.com"],
        ..NONE
    },
    // Baidu MobStat (hosts and paths).
    Listed {
        id: "baidu-mobstat",
        name: "MobStat",
        vendor: "Baidu",
        hosts: &["hmma.baidu.com", "dxp.baidu.com"],
        paths: &["/app.gif", "/mini"],
        ..NONE
    },
    // Google Analytics for Firebase: protobuf (research).
    Listed {
        id: "google-fa",
        name: "Google Analytics for Firebase",
        vendor: "Google",
        hosts: &["app-measurement.com"],
        paths: &["/a"],
        kind: Kind::Plain,
        ..NONE
    },
    // GoogleDataTransport: JSON with base64 of protobuf, or protobuf (research).
    Listed {
        id: "google-gdt",
        name: "GoogleDataTransport",
        vendor: "Google",
        hosts: &[
            "firebaselogging-pa.googleapis.com",
            "crashlyticsreports-pa.googleapis.com",
            "firebaselogging.googleapis.com",
        ],
        kind: Kind::Plain,
        ..NONE
    },
    // Google Mobile Ads: query and form, some values enciphered (research).
    Listed {
        id: "google-ads",
        name: "Google Mobile Ads",
        vendor: "Google",
        hosts: &["googleads.g.doubleclick.net"],
        paths: &["/mads/gma", "/getconfig/pubsetting", "/pagead/interaction"],
        kind: Kind::Plain,
        ..NONE
    },
    // Firebase Cloud Messaging: check-in and registration (research).
    Listed {
        id: "fcm",
        name: "Firebase Cloud Messaging",
        vendor: "Google",
        hosts: &[
            "device-provisioning.googleapis.com",
            "fcmtoken.googleapis.com",
        ],
        paths: &["/checkin", "/register"],
        kind: Kind::Plain,
        ..NONE
    },
    // Facebook app events: JSON or form (research).
    Listed {
        id: "fb-app",
        name: "Facebook app events",
        vendor: "Meta",
        hosts: &["graph.facebook.com"],
        inside: &["/activities", "/network_ads_common"],
        kind: Kind::Plain,
        ..NONE
    },
    // The same for the audience network (research).
    Listed {
        id: "fb-app",
        name: "Facebook app events",
        vendor: "Meta",
        hosts: &["www.facebook.com", "web.facebook.com"],
        paths: &["/adnw_sync2"],
        kind: Kind::Plain,
        ..NONE
    },
    // Adjust: form or query (research).
    Listed {
        id: "adjust",
        name: "Adjust",
        vendor: "Adjust",
        hosts: &["app*.adjust.com", "app*.adjust.net.in", "app*.adjust.world"],
        paths: &[
            "/session",
            "/event",
            "/sdk_click",
            "/sdk_info",
            "/third_party_sharing",
            "/ad_revenue",
            "/attribution",
        ],
        kind: Kind::Plain,
        ..NONE
    },
    // Branch: JSON (research).
    Listed {
        id: "branch",
        name: "Branch",
        vendor: "Branch Metrics",
        hosts: &["api.branch.io", "api2.branch.io"],
        paths: &["/v1/"],
        kind: Kind::Plain,
        ..NONE
    },
    // AppsFlyer (unconfirmed).
    Listed {
        id: "appsflyer",
        name: "AppsFlyer",
        vendor: "AppsFlyer",
        hosts: &["appsflyersdk.com", "t.appsflyer.com"],
        ..NONE
    },
    // App Center: JSON (research).
    Listed {
        id: "ms-appcenter",
        name: "App Center",
        vendor: "Microsoft",
        hosts: &["in.appcenter.ms"],
        paths: &["/logs"],
        kind: Kind::Plain,
        ..NONE
    },
    // OneCollector (unconfirmed).
    Listed {
        id: "ms-onecollector",
        name: "OneCollector",
        vendor: "Microsoft",
        hosts: &[
            "mobile.pipe.aria.microsoft.com",
            "events.data.microsoft.com",
        ],
        ..NONE
    },
    // Attribution of Apple's ads: protobuf or JSON, in part (research).
    Listed {
        id: "apple-ads",
        name: "Apple ads attribution",
        vendor: "Apple",
        hosts: &["ca.iadsdk.apple.com"],
        paths: &["/adserver/attribution/v2"],
        kind: Kind::Plain,
        ..NONE
    },
    // Samsung diagnostics (host).
    Listed {
        id: "samsung-dqa",
        name: "Samsung diagnostics",
        vendor: "Samsung",
        hosts: &[
            "dc.di.atlas.samsung.com",
            "dc.dqa.samsung.com",
            "regi.di.atlas.samsung.com",
            "diagmon-serviceapi.samsungdm.com",
            "bigdata.ssp.samsung.com",
        ],
        ..NONE
    },
    // AppMetrica: the query is plain (research).
    Listed {
        id: "yandex",
        name: "AppMetrica",
        vendor: "Yandex",
        hosts: &["appmetrica.yandex.net"],
        fields: &["deviceid"],
        kind: Kind::Plain,
        ..NONE
    },
];
