//! Known wire formats: host, path, fields and value made up, or those of a format with a value made up. What is
//! opened must come out again when its steps are followed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use waakzaam_core::crack::wire::{Outcome, Surroundings, basis, recognise};
use waakzaam_core::model::Limits;
use waakzaam_core::peel::OwnedStep;
use waakzaam_core::unlock::replay;

/// Messages of known formats, as far as their surroundings say it.
const PLACES: [(&str, &str, &str); 12] = [
    ("sa.example", "/sa", "data_list"),
    ("data.mistat.xiaomi.com", "/mistats/v2", "stat_value"),
    ("data.mistat.intl.xiaomi.com", "/mistats/v3", "p"),
    ("log.example", "/service/2/app_log/", ""),
    ("ulogs.umeng.com", "/unify_logs", ""),
    ("msg.umengcloud.com", "/umpx_share", ""),
    ("pingma.qq.com", "/mstat/report", ""),
    ("pinyin.voicecloud.cn", "/x", ""),
    ("metrics.example", "/common/hmshioperqrt", "event"),
    ("dragate-eu.dc.heytapmobi.com", "/v1/stat/dcs", ""),
    ("stats.jpush.cn", "/v3/report", ""),
    ("", "", ""),
];
const NAMES: [&str; 14] = [
    "gzip",
    "crc",
    "data_list",
    "app_id",
    "app_key",
    "device_id",
    "ai",
    "sv",
    "fc",
    "sid",
    "time",
    "t",
    "value",
    "chifer",
];

fuzz_target!(|input: &[u8]| {
    let Some((&first, rest)) = input.split_first() else {
        return;
    };
    let (host, path, field) = PLACES[usize::from(first) % PLACES.len()];
    // Fields before the first zero byte, each ended by a line end; the value behind it.
    let at = rest.iter().position(|&byte| byte == 0);
    let (head, value) = at.map_or((&[][..], rest), |at| (&rest[..at], &rest[at + 1..]));
    let fields: Vec<(&str, &[u8])> = head
        .split(|&byte| byte == b'\n')
        .filter_map(|line| {
            let (&name, value) = line.split_first()?;
            Some((NAMES[usize::from(name) % NAMES.len()], value))
        })
        .collect();
    let headers: Vec<(&str, &[u8])> = fields
        .iter()
        .filter_map(|&(name, value)| match name {
            "t" => Some(("Content-Encoding", value)),
            "chifer" => Some(("Content-Type", value)),
            "sid" => Some(("Authorization", value)),
            _ => None,
        })
        .collect();
    let around = Surroundings {
        host,
        path,
        headers: &headers,
        fields: &fields,
    };
    let found = recognise(&around, field, value);
    assert!(
        found == recognise(&around, field, value),
        "not the same twice"
    );
    let Some(found) = found else { return };
    assert!(basis(found.id).is_some(), "{} has no source", found.id);
    if let Outcome::Opened { layers, plain } = found.outcome {
        let steps: Vec<OwnedStep> = layers
            .into_iter()
            .map(|step| OwnedStep {
                layer: step.layer.to_owned(),
                selector: step.selector,
            })
            .collect();
        let again = replay(value, &steps, &Limits::default())
            .unwrap_or_else(|error| panic!("{}: {steps:?} cannot be followed: {error}", found.id));
        assert!(
            again.last() == Some(&plain),
            "{}: {steps:?} leads elsewhere",
            found.id
        );
    }
});
