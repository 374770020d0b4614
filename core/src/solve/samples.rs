//! Telemetry for tests: written in another way and with other words than the training text.

use super::random::Random;

/// One name of a field and what can stand in it: `=` begins a number, `#` is a digit, `X` a hex digit.
const FIELDS: &[(&str, &str)] = &[
    ("os", "android|iOS|Android|harmony"),
    ("osVer", "#d#|1#|1#.#"),
    ("os_version", "13|14|12.1|9"),
    (
        "model",
        "SM-G991B|Pixel 7 Pro|M2101K6G|iPhone13,2|V2145|CPH2451|KB2003|moto g(60)",
    ),
    (
        "device_model",
        "ANE-LX1|SM-A505FN|Redmi Note 9|XQ-BC52|22021211RG|LM-G710",
    ),
    (
        "brand",
        "Xiaomi|samsung|HUAWEI|vivo|google|Sony|Fairphone|motorola",
    ),
    ("mf", "OPPO|Xiaomi|HMD Global|samsung"),
    (
        "pkg",
        "com.miui.browser|com.ijinshan.cleaner|nl.ns.android.app|org.telegram.messenger",
    ),
    ("appVersionName", "#.#.#|##.#.####|2.0#.#-beta"),
    ("vc", "####|##|1000##"),
    (
        "channel",
        "googleplay|xiaomi_store|organic|preinstall_eea|huawei",
    ),
    ("net", "wifi|4g|5G|cell|WIFI|none"),
    ("network_type", "NETWORK_WIFI|mobile|LTE"),
    (
        "operator",
        "20408|46001|KPN|Odido|Deutsche Telekom|Vodafone NL|26201",
    ),
    ("ts", "=1############"),
    ("timestamp", "=17########"),
    ("eventTime", "2025-0#-1# 1#:##:##|2026-02-##T0#:##:##.###Z"),
    (
        "event",
        "app_open|scr_view|search_submit|btnClick|keep_alive|exposure|tab_switch",
    ),
    ("evt", "boot|url_visit|pv|install|screen_on"),
    ("lang", "nl|nl-NL|de|en_GB|zh|fr_BE"),
    (
        "tz",
        "Europe/Brussels|Europe/Amsterdam|Asia/Chongqing|+0100",
    ),
    ("lat", "=52.######|=48.####"),
    ("lng", "=4.######|=11.####"),
    ("acc", "=##|=#.#"),
    (
        "wifi_name",
        "Ziggo#######|FRITZ!Box 75##|KPN-Gast|TP-Link_####|thuis",
    ),
    ("bssid", "XX:XX:XX:XX:XX:XX"),
    ("sessId", "XXXXXXXX-XXXX-4XXX-aXXX-XXXXXXXXXXXX"),
    ("gaid", "XXXXXXXX-XXXX-4XXX-8XXX-XXXXXXXXXXXX"),
    ("installUuid", "XXXXXXXX-XXXX-4XXX-9XXX-XXXXXXXXXXXX"),
    ("req_hash", "XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX"),
    ("seqNo", "=###|=#|=##"),
    ("battery", "=##|##%"),
    ("charging", "=true|=false|=0|=1"),
    ("scr", "1080x2400|1440*3200|720x16##"),
    ("dpi", "=420|=480|=3##"),
    ("rooted", "=false|=0"),
    (
        "refUrl",
        "https://m.ijinshan.com/n?id=###|https://nos.nl/artikel/25#####|https://www.marktplaats.nl/q/fietsen/",
    ),
    (
        "page",
        "HomeActivity|/pages/index/index|detail_v2|SearchResultFragment|newtab",
    ),
    (
        "kw",
        "weer morgen|huisarts dienst|flight ams bcn|cheap insurance|vacature utrecht|symptomen griep",
    ),
    (
        "title",
        "Buienradar - weer|Login | Mijn Overheid|BBC News - Home|Kurs Euro Dollar",
    ),
    ("dur", "=####|=##|=#####"),
    ("abi", "arm64-v8a|armeabi-v7a"),
    ("mem", "=5####|=78##"),
    ("sdkVer", "5.#.#|3.1#.0|v1.9.##"),
    ("is_first", "=true|=false"),
    ("qz_flt", "=#|a#b"),
    ("xgpushk", "fkz#wq|jj##"),
    ("expGroup", "ctrl_#|treat_B|A"),
    (
        "ua",
        "Mozilla/5.0 (Linux; Android 1#; Mobile) AppleWebKit/537.36 Chrome/1##.0.0.0",
    ),
    ("src", "launcher|push_click|deeplink|widget"),
    ("cnt", "=#|=##"),
    ("uidType", "=#"),
    ("region", "NL|EU|noord-holland|BY"),
    ("storage", "=1#####|64GB"),
    ("notif", "enabled|=1"),
];

/// Fields that differ between messages of one device.
const CHANGING: &[&str] = &[
    "ts",
    "timestamp",
    "eventTime",
    "event",
    "evt",
    "lat",
    "lng",
    "acc",
    "sessId",
    "req_hash",
    "seqNo",
    "battery",
    "refUrl",
    "page",
    "kw",
    "title",
    "dur",
    "mem",
    "cnt",
    "src",
];

/// Names under which the known value stands.
const KNOWN: &[&str] = &[
    "android_id",
    "aid",
    "deviceId",
    "did",
    "uuid",
    "hwid",
    "serial_no",
    "dev",
    "cuid",
    "androidId",
];

fn fill(random: &mut Random, pattern: &str) -> String {
    pattern
        .chars()
        .map(|c| match c {
            '#' => char::from(b'0' + random.below(10) as u8),
            'X' => char::from(*random.pick(b"0123456789abcdef").unwrap()),
            c => c,
        })
        .collect()
}

/// A value as JSON.
fn written(value: &str) -> String {
    let Some(number) = value.strip_prefix('=') else {
        return format!("\"{value}\"");
    };
    // JSON knows no leading zeros.
    let zeros = number.len() - number.trim_start_matches('0').len();
    let number = number.get(zeros.min(number.len() - 1)..).unwrap_or(number);
    let between = if number.starts_with('.') { "0" } else { "" };
    format!("{between}{number}")
}

/// A 16-character identifier, of hex digits, decimal digits or letters and digits.
pub(super) fn identifier(random: &mut Random) -> String {
    let alphabet: &[u8] = match random.below(4) {
        0 | 1 => b"0123456789abcdef",
        2 => b"0123456789",
        _ => b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789",
    };
    (0..16)
        .map(|_| char::from(*random.pick(alphabet).unwrap()))
        .collect()
}

/// A JSON message of at least `size` bytes with `known` in it.
pub(super) fn telemetry(random: &mut Random, known: &str, size: usize) -> Vec<u8> {
    let mut order: Vec<usize> = (0..FIELDS.len()).collect();
    for index in (1..order.len()).rev() {
        order.swap(index, random.below(index + 1));
    }
    let place = random.below(4);
    let nested = random.below(3) == 0;
    let mut text = String::from("{");
    let mut order = order.into_iter();
    let mut count = 0;
    let mut inside = false;
    while text.len() + 1 < size || count <= place {
        if count > 0 && !text.ends_with('{') {
            text.push(',');
        }
        if count == place {
            let name = random.pick(KNOWN).unwrap();
            text.push_str(&format!("\"{name}\":\"{known}\""));
        } else if let Some((name, patterns)) = order.next().and_then(|i| FIELDS.get(i)) {
            let patterns: Vec<&str> = patterns.split('|').collect();
            let pattern = *random.pick(&patterns).unwrap();
            let value = fill(random, pattern);
            text.push_str(&format!("\"{name}\":{}", written(&value)));
        } else {
            text.push_str(&format!("\"p{count}\":{count}"));
        }
        count += 1;
        if nested && !inside && count == 5 {
            let name = random.pick(&["props", "data", "ext", "dev_info"]).unwrap();
            text.push_str(&format!(",\"{name}\":{{"));
            inside = true;
        }
    }
    if text.ends_with('{') {
        text.push_str("\"n\":1");
    }
    text.push_str(if inside { "}}" } else { "}" });
    text.into_bytes()
}

/// Messages of one endpoint: the same fields and the same device, other times, counters, places and titles.
pub(super) fn endpoint(
    random: &mut Random,
    known: &str,
    size: usize,
    count: usize,
) -> Vec<Vec<u8>> {
    let first = String::from_utf8(telemetry(random, known, size)).unwrap();
    (0..count)
        .map(|index| {
            if index == 0 {
                return first.clone().into_bytes();
            }
            let mut text = first.clone();
            for (name, patterns) in FIELDS {
                if !CHANGING.contains(name) {
                    continue;
                }
                let mark = format!("\"{name}\":");
                let Some(at) = text.find(&mark).map(|at| at + mark.len()) else {
                    continue;
                };
                let end = at
                    + text
                        .get(at..)
                        .unwrap()
                        .find(",\"")
                        .unwrap_or(text.len() - at);
                let end = at + text.get(at..end).unwrap().trim_end_matches('}').len();
                let patterns: Vec<&str> = patterns.split('|').collect();
                let pattern = *random.pick(&patterns).unwrap();
                text.replace_range(at..end, &written(&fill(random, pattern)));
            }
            text.into_bytes()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn is_json() {
        for seed in 0..500 {
            let mut random = super::Random::new(seed);
            let known = super::identifier(&mut random);
            let text = super::telemetry(&mut random, &known, 120);
            assert_eq!(
                crate::solve::proof::structure(&text),
                Some(crate::solve::proof::Structure::Json),
                "{}",
                String::from_utf8_lossy(&text)
            );
        }
    }
}
