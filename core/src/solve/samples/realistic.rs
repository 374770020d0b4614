//! Telemetry as kits send it: names and values of the kind that documentation lists, beside others that it does not.
//!
//! The model knows [`KNOWN`] of a hundred names as they are; of the names in captured queries that had no part in
//! writing its list it knows as many. The rest are names of [`super::vocabulary`], of which it knows none.

use super::super::Cribs;
use super::super::random::Random;

/// Of a hundred names of fields.
pub(super) const KNOWN: usize = 62;

/// A line is `known names;other names: values`, as in [`super::vocabulary::FIELDS`]; `@` begins what is of the device
/// or the program.
pub(super) const FIELDS: &str = "\
os,platform,os_name,osName;platformName,osFamily: Android|android
os_version,osVersion,osv,$os_version;sysver,platform_release: @os
os_api,api_level,sdkInt,androidApiLevel;sdk_stage,androidSdkInt: =@api
model,device_model,deviceModel,$model;handset,phoneModel,hardwareModel: @model
brand,manufacturer,device_manufacturer,$manufacturer;vendorName,deviceMaker,oem: @maker
package_name,packageName,bundle_id,bundle,app_id;host_app,bundleIdentifier: @app
app_version,appVersion,version_name,$app_version;marketing_version,client_release: @version
version_code,app_build_number,appBuildNumber,build_number;buildSerial,compiledBuild: =@code
install_source,app_store,channel,installer_name;storefront,setupOrigin: com.android.vending|googleplay|organic|play_store
network_type,connection_type,networkType,net_type;linkType,reachability: wifi|WIFI|LTE|4g|cellular|mobile
carrier,operator,network_operator,$carrier;telco,simCarrier: @carrier
*timestamp,ts,event_time,time,client_ts,sentAt;clientEpoch,capture_ts,occurredAt: ={ms}
*timestamp,time,event_ts,created_at,t;hit_epoch,sentMoment,stamp: ={s}
*sent_at,created_at,timestamp,originalTimestamp;loggedAt,when,observed: {rfc}
*local_time,event_time,date,log_time;clock_local,wallclock: {clock}
*event,event_name,eventName,name,en;evtname,interaction,signalName: screen_view|app_open|session_start|page_view|login|add_to_cart|video_start|notification_open|settings_opened|article_read
*screen_name,screen,page,$screen_name;screenKey,visiblePage,current_view: MainActivity|HomeFragment|home|search|profile|settings|ArticleActivity|checkout|PlayerScreen
language,lang,locale,app_language;interfaceLanguage,ui_lang: @lang
country,region,country_code,sim_country;countryIso,geo_country: NL|BE|DE|FR|nl|be
timezone,tz_name,time_zone,tz;olson,zoneName: Europe/Amsterdam|Europe/Brussels|Europe/Berlin|Europe/Paris
tz_offset,timezone_offset,utc_offset;utcShift,gmt_minutes: =60|=120|=3600|=7200
*lat,latitude,$latitude;geoLat,positionY: =5#.######|=5#.####
*lon,lng,longitude,$longitude;geoLon,positionX: =4.######|=5.####
*ssid,wifi_ssid,wifi_name;accessPoint,hotspot: Ziggo#######|KPN-######|TP-Link_####|eduroam
*bssid,wifi_bssid,router_mac;ap_mac,routerAddress: ^^:^^:^^:^^:^^:^^
*session_id,sessionId,sid,$session_id;visitToken,journeyUuid: ^^^^^^^^-^^^^-4^^^-a^^^-^^^^^^^^^^^^
gaid,idfa,advertisingId,gps_adid,advertiserId;adIdentifier,google_aid: ^^^^^^^^-^^^^-4^^^-8^^^-^^^^^^^^^^^^
install_id,installation_id,uuid,distinct_id;installationGuid,instanceKey: ^^^^^^^^-^^^^-4^^^-9^^^-^^^^^^^^^^^^|^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
*sign,hash,md5,checksum;bodyHash,checksum_hex: ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
*seq,sequence,event_id,index;ordinal,hitNumber: =###|=#|=##
*battery,battery_level,batteryLevel;powerPercent,juice: =##|=0.##
*is_charging,charging;pluggedIn,usbPowered: =true|=false|=0|=1
resolution,screen_resolution,screenResolution;viewport,displaySize: 1080x2400|1080x2340|1440x3200|720x1600
screen_width,width,w,$screen_width;viewWide,pixelsAcross: =1080|=1440|=720|=360
screen_height,height,h,$screen_height;viewHigh,pixelsDown: =2400|=2340|=1600|=780
dpi,density,screen_density,pixel_ratio;pixels_per_inch,scaleFactor: =420|=480|=2.75|=3
rooted,is_rooted,isRoot,jailbroken;tampered,superuser: =false|=0
*url,page_location,dl,href;openedLink,landing_uri: https://www.nu.nl/economie/6######/|https://nl.wikipedia.org/wiki/Antwerpen|https://www.bol.com/nl/nl/p/##########/
*query,search_term,keyword,q;phrase,typedText: weer morgen|huisarts|vliegtickets barcelona|tweedehands fiets|recept lasagne
*title,page_title,dt;docTitle,headline: Nieuws van vandaag|Buienradar|Mijn account|Home
*duration,time_spent,engagement_time_msec,session_length;elapsedMs,dwell: =####|=##|=#####
cpu_abi,abi,arch,cpu_type;instructionSet,primaryAbi: arm64-v8a|armeabi-v7a
*free_memory,freeMemory,ram,memory_free;heapFree,availMemory: =5####|=##########
sdk_version,sdkVersion,$lib_version,sdkv;tracker_version,agentVersion: #.#.#|##.#.#
$lib,sdk_name,library;platform_sdk,toolkitName,agentLabel: Android|android|kotlin|analytics-android
user_agent,userAgent,ua;httpAgent,browserIdent: Dalvik/2.1.0 (Linux; U; Android @os; @model Build/@build)|okhttp/4.#.#
*first_open,is_first_day,isFirst,is_new;firstRun,freshInstall: =true|=false
limit_ad_tracking,lmt,dnt,tracking_enabled;adConsent,gdprApplies: =true|=false|=0|=1
*error_code,status,code,status_code;outcome,http_status: =200|=0|=404
*latency,rtt,response_time;latencyMs,dnsMillis: =##|=###
experiment_id,variant,ab_version,bucket_id;featureBucket,abCell: control|variant_b|baseline|test_#
*placement_id,ad_unit_id,slot_id;adShelf,bannerSpot: ca-app-pub-################|########|home_top
*price,revenue,value,bidfloor;cartValue,basketAmount: =#.##|=##.##|=0.###
currency,cur,currencyCode;payCurrency,currencyIso: EUR|USD";

/// Names of objects, of lists of events, and under which the known value stands; before `;` known ones.
pub(super) const GROUPS: &str =
    "device context properties params app user data info;ctx envelope_meta deviceFacts";
pub(super) const LISTS: &str = "events items batch data logs;hits eventQueue pendingItems";
pub(super) const IDS: &str = "android_id device_id deviceId androidId $device_id aaid serial udid;hardwareId machineKey terminalId ssaid";

/// A phone and a program: what `@` stands for, and when it sends.
#[derive(Clone)]
pub(super) struct Device {
    values: Vec<(&'static str, String)>,
    pub(super) now: u64,
}

impl Device {
    pub(super) fn draw(random: &mut Random) -> Self {
        let mut pick = |list: &'static str| -> String {
            let words: Vec<&str> = list.split('|').collect();
            (*random.pick(&words).unwrap()).to_owned()
        };
        let phone = pick(
            "SM-G991B,samsung|SM-A546B,samsung|SM-M127F,samsung|Pixel 7,Google|Pixel 8a,Google|M2101K6G,Xiaomi|\
             23053RN02Y,Xiaomi|2107113SG,Xiaomi|CPH2357,OPPO|RMX3760,realme|ELE-L29,HUAWEI|NE2213,OnePlus|\
             moto g54 5G,motorola|FP5,Fairphone|TA-1412,HMD Global|XQ-DC54,Sony",
        );
        let (model, maker) = phone.split_once(',').unwrap();
        let system = pick("10,29|11,30|12,31|13,33|14,34|15,35|9,28");
        let (os, api) = system.split_once(',').unwrap();
        let app = pick(
            "com.duolingo|nl.ns.reisplanner|be.belgacom.mybase|com.spotify.music|org.telegram.messenger|\
             de.bahn.navigator|fr.leboncoin.mobile|com.ijinshan.browser|nl.buienradar.android|com.booking|\
             com.king.candycrushsaga|be.vrt.nieuws|com.shein.shopping",
        );
        let lang = pick("nl-NL|nl_NL|nl|fr-BE|de-DE|en-US|en_GB|en|fr|pl-PL");
        let carrier =
            pick("KPN|Odido|Proximus|Vodafone NL|Orange B|20408|20601|T-Mobile|Telenet|lycamobile");
        let letters = pick("TP1A|UP1A|SP1A|RP1A|AP2A|QKQ1|PPR1");
        let build = format!(
            "{letters}.2{}{:02}{:02}.{:03}",
            random.below(5),
            1 + random.below(12),
            1 + random.below(28),
            random.below(60)
        );
        let version = format!(
            "{}.{}.{}",
            random.below(30),
            random.below(20),
            random.below(10)
        );
        let code = (10_000 + random.below(900_000)).to_string();
        Device {
            values: vec![
                ("@os", os.to_owned()),
                ("@build", build),
                ("@api", api.to_owned()),
                ("@model", model.to_owned()),
                ("@maker", maker.to_owned()),
                ("@app", app),
                ("@version", version),
                ("@code", code),
                ("@lang", lang),
                ("@carrier", carrier),
            ],
            now: 1_735_689_600 + random.below(60_000_000) as u64,
        }
    }

    /// A pattern with what is of the device put in.
    pub(super) fn fill(&self, pattern: &str) -> String {
        let mut text = pattern.to_owned();
        for (mark, value) in &self.values {
            text = text.replace(mark, value);
        }
        text
    }

    /// What an audit has beside the message: its time; in half of the messages a user agent that names the model; in
    /// half of them the program; mostly a language that servers are asked for.
    pub(super) fn context(&self, random: &mut Random, cribs: &mut Cribs) {
        let value = |mark: &str| {
            let found = self.values.iter().find(|(other, _)| *other == mark);
            found.map_or("", |(_, value)| value.as_str())
        };
        cribs.add_time(self.now);
        if random.below(2) == 0 {
            let agent = "Dalvik/2.1.0 (Linux; U; Android @os; @model Build/@build)";
            for word in [&self.fill(agent), value("@model"), value("@build")] {
                cribs.add_word(word.as_bytes());
            }
        } else {
            cribs.add_word(b"okhttp");
        }
        if random.below(2) == 0 {
            cribs.add_word(value("@app").as_bytes());
        }
        if random.below(3) > 0 {
            cribs.add_word(value("@lang").as_bytes());
        }
        for word in ["collect", "telemetry.example", "gzip", "application/json"] {
            cribs.add_word(word.as_bytes());
        }
    }
}
