//! Where what is known of each format comes from.

/// What a fact rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The vendor's own published source.
    Vendor,
    /// A vendor's library, decompiled by a third party and read as facts.
    Decompiled,
    /// A published report, or an adapter of a research project.
    Research,
    /// A sample that was printed or captured in public, on which it was tried.
    Sample,
    /// Hosts on public lists; nothing is known of what they are sent.
    Host,
    /// Told from memory, and confirmed by nobody: what is said of a value says so too.
    Unconfirmed,
}

impl Basis {
    /// The word in tables.
    pub fn word(self) -> &'static str {
        match self {
            Basis::Vendor => "vendor",
            Basis::Decompiled => "decompiled",
            Basis::Research => "research",
            Basis::Sample => "sample",
            Basis::Host => "host",
            Basis::Unconfirmed => "unconfirmed",
        }
    }
}

/// By id of the format, in the order in which formats are asked.
static SOURCES: &[(&str, Basis)] = &[
    ("sensors", Basis::Vendor),
    ("sensors-enc", Basis::Vendor),
    ("mistat2", Basis::Decompiled),
    ("mistat3", Basis::Decompiled),
    ("applog", Basis::Sample),
    ("umeng-env", Basis::Decompiled),
    ("umeng-push", Basis::Decompiled),
    ("mta", Basis::Sample),
    ("xf-ime", Basis::Research),
    ("hianalytics", Basis::Decompiled),
    ("heytap-stat", Basis::Decompiled),
    ("mmtls", Basis::Research),
    ("miui-tracks", Basis::Decompiled),
    ("onetrack", Basis::Decompiled),
    ("nearx-track", Basis::Host),
    ("beacon-js", Basis::Research),
    ("beacon-app", Basis::Host),
    ("bugly", Basis::Host),
    ("jpush", Basis::Decompiled),
    ("getui", Basis::Unconfirmed),
    ("ali-ut", Basis::Host),
    ("baidu-mobstat", Basis::Host),
    ("google-fa", Basis::Research),
    ("google-gdt", Basis::Research),
    ("google-ads", Basis::Research),
    ("fcm", Basis::Research),
    ("fb-app", Basis::Research),
    ("adjust", Basis::Research),
    ("branch", Basis::Research),
    ("appsflyer", Basis::Unconfirmed),
    ("ms-appcenter", Basis::Research),
    ("ms-onecollector", Basis::Unconfirmed),
    ("apple-ads", Basis::Research),
    ("samsung-dqa", Basis::Host),
    ("yandex", Basis::Research),
];

/// What is known of a format rests on this; `None` for an id that is none.
pub fn basis(id: &str) -> Option<Basis> {
    SOURCES
        .iter()
        .find_map(|&(known, basis)| (known == id).then_some(basis))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_has_its_source_and_no_source_stands_alone() {
        let mut ids: Vec<&str> = super::super::ids().collect();
        ids.dedup();
        let listed: Vec<&str> = SOURCES.iter().map(|&(id, _)| id).collect();
        assert_eq!(ids, listed);
        assert_eq!(basis("applog").map(Basis::word), Some("sample"));
        assert_eq!(basis("none"), None);
    }
}
