//! Words from which the training text is put together: names of fields, values and text as telemetry writes
//! them, in several languages. They teach habits of spelling; nothing is looked up in them as an answer.

/// Words by section: a line that begins with `#` begins the next one, or goes on with the note of the same.
const LEXICON: &str = include_str!("lexicon.txt");

/// Names of fields and values as documentation gives them; lines that begin with `#` say of what.
const NAMES: &str = include_str!("names.txt");
const LISTED: &str = include_str!("values.txt");

fn listed(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(str::split_ascii_whitespace)
}

/// Names of fields.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    FIELDS.split_ascii_whitespace().chain(listed(NAMES))
}

/// Pieces of what programs call themselves, and of addresses: long enough that they stand for themselves.
pub(crate) const PHRASES: [&str; 26] = [
    "Dalvik/2.1.0 (Linux; U; Android ",
    "Dalvik/1.6.0 (Linux; U; Android ",
    "Mozilla/5.0 (Linux; U; Android ",
    "Mozilla/5.0 (Linux; Android ",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/",
    "Mozilla/5.0 (iPhone; CPU iPhone OS ",
    "Mozilla/5.0 (iPad; CPU OS ",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64",
    "Mozilla/5.0 (X11; Linux x86_64",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10",
    " like Mac OS X) AppleWebKit/",
    "AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/",
    "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/",
    "AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/",
    "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/",
    ".0.0.0 Mobile Safari/537.36",
    ".0.0.0 Safari/537.36",
    " Mobile Safari/",
    "; wv) AppleWebKit/",
    "Gecko/20100101 Firefox/",
    "CFNetwork/",
    "okhttp/",
    "https://www.",
    "http://www.",
    "https://play.google.com/store/apps/details?id=",
    "android-app://com.",
];

/// Values.
pub(super) fn values() -> impl Iterator<Item = &'static str> {
    VALUES.split_ascii_whitespace().chain(listed(LISTED))
}

/// The words of a section: 0 English as software has it, commonest first, 1 telemetry, 2 other languages.
pub(super) fn lexicon(section: usize) -> Vec<&'static str> {
    let mut sections = Vec::new();
    let mut noted = false;
    for line in LEXICON.lines() {
        if line.starts_with('#') {
            if !noted {
                sections.push(Vec::new());
            }
            noted = true;
        } else if let Some(words) = sections.last_mut() {
            words.extend(line.split_ascii_whitespace());
            noted = false;
        }
    }
    sections.into_iter().nth(section).unwrap_or_default()
}

/// Names of fields as most programs write them.
pub(super) const FIELDS: &str = "\
android_id imei imsi iccid idfa idfv oaid gaid aaid vaid udid uuid guid mac wifi_mac bssid ssid serial \
device_id deviceId device_model deviceModel device_type deviceType device_brand brand manufacturer model \
os os_version osVersion os_api osName platform sdk sdk_version sdkVersion sdkver app app_id appId app_name \
appName app_version appVersion app_key appKey appid version versionCode version_code version_name channel \
package packageName package_name bundle bundle_id bundleId install_id installId iid openudid clientudid \
user_id userId uid user username user_name account email phone phone_number session session_id sessionId \
sid token access_token refresh_token signature sign nonce key secret ts time timestamp event_time eventTime \
local_time server_time client_time create_time update_time start_time end_time duration event event_name \
eventName event_id eventType event_type events params properties props data payload body header headers \
common extra ext info msg message code status result error success type action category label value name \
id url uri path host domain referer referrer page page_title title query search keyword keywords content \
text language lang locale country region city province timezone tz tz_name tz_offset latitude longitude lat \
lon lng altitude accuracy location gps network net_type networkType access carrier operator mcc mnc mcc_mnc \
cell cell_id lac cid signal rssi wifi bluetooth ip ip_address ipAddress local_ip dns proxy vpn screen width \
height screen_width screen_height resolution density dpi display_density orientation battery battery_level \
charging memory storage disk cpu cpu_abi abi arch ram total free rooted is_root isRoot jailbroken emulator \
debug first_open last_open install_time installTime update last_update count total_count index num number \
seq sequence level score rank list items item array map object config settings options enabled disabled \
flags true false null none unknown default android ios ipad iphone mobile tablet phone web browser chrome \
safari firefox webview user_agent userAgent ua cookie cookies ad ads ad_id adId advertising_id idfa_md5 \
imei_md5 oaid_md5 campaign source medium placement position slot bid price currency revenue purchase order \
product sku quantity amount cart view click impression tap swipe scroll open close start stop pause resume \
launch crash exception stack trace log logs heartbeat ping push notification topic group groups tag tags \
build build_id fingerprint hardware board bootloader product kernel rom miui emui patch security_patch \
sensor sensors gyro accelerometer light rotation brightness volume vibrate ringtone timezone_offset dst \
contacts sms calls installed_apps apps processes permissions granted denied lib libs method module protocol \
req request response resp ret retry rtt latency size bytes length offset limit cursor next prev first last \
gender age birthday birth level vip member points coins balance avatar nickname nick real_name id_card \
distinct_id anonymous_id anonymousId login_id track_id trackId original_id project _track_id _flush_time \
$os $lib $model $app_version $screen_width $screen_height $network_type $wifi $manufacturer $os_version \
dev_id dev did hid pid aid cuid utdid umid oaid vid tid rid gid oid bid qid eid nid mid sn pn hw sw fw bt \
pkg pkgs pkgName mf mfr evt evts kw kws scr res acc abi dur cnt pos lvl btn img src dst sess sessId seqNo seq_no seq_id \
osVer os_ver appVer app_ver osv sdkVer sdk_ver fwVer hwVer vcode vname lastSeen createdAt updatedAt sentAt receivedAt \
messageId writeKey deviceInfo dev_info app_info user_info network_info screenWidth screenHeight pixelRatio deviceTime \
serverTime sessionStart isFirst is_first is_login isVip is_new firstTime referrerUrl refUrl ref_url pageUrl page_url \
currentUrl pageName page_name viewId elementId clientId client_id client_ip appKey deviceToken pushToken apkMd5 \
apkSign cpuAbi cpuCount totalMem freeMem totalDisk freeDisk simState simOperator netType netState macAddr wifiName \
wifiMac bootTime upTime uptime osLang appLang sysLang userAge expId expGroup abTest ab_test variantId traceId trace_id \
spanId requestId request_id req_id reqId hash hwid uidType userType loginType payType adType adSlot storage notif \
av sv pv cv rv ov dm dv mf br ct nt et tk sg ch vc vn pk hw_id w h x y z t v k n m l s r q p e d c b a g f";

/// Parts of names of fields, joined in several styles.
pub(super) const PARTS: &str = "\
app user device client server session event page view screen network system install update login logout \
register account profile order item product price search history bookmark download upload file image video \
audio music play player live room gift chat message friend follow share comment like feed news article post \
channel category topic source target start end begin first last current previous next total max min avg \
count size type name id key value code status state mode level flag time date day hour minute second year \
month week zone local remote public private secret token hash md5 sha sign version build release debug test \
beta alpha prod dev config setting option feature switch enable disable allow block white black list map set \
get put add remove delete insert query select read write send receive request response result error success \
fail retry cache memory disk storage battery power charge temperature cpu gpu ram rom sdk api ui os web http \
https url uri host port path domain address city country region province street area place location latitude \
longitude altitude speed direction accuracy gps wifi cell bluetooth sim card operator carrier signal strength \
frequency band phone number call sms contact email mail password pin finger print face voice touch gesture \
click tap swipe scroll zoom rotate press long short double single left right top bottom center width height \
ratio density color theme dark light font text title content body head foot image icon logo banner splash ad \
campaign creative impression conversion attribution referrer deep link push notification badge sound alarm \
background foreground active idle visible hidden open close create destroy pause resume launch crash exit \
thread process service activity fragment receiver provider package bundle module plugin library framework \
engine kernel driver hardware serial model brand maker manufacturer board chip vendor unique random uuid \
sequence index offset limit cursor batch group cluster segment bucket experiment variant sample rate ratio \
score rank weight bonus coin point credit wallet balance payment refund invoice tax currency country language \
locale gender age birth born nick avatar member vip grade school company job title income family child \
health heart step sleep weight blood sport run walk ride drive car bus train flight hotel ticket weather \
temp humidity wind rain snow sun moon night morning evening today yesterday tomorrow";

/// Values that are words.
pub(super) const VALUES: &str = "\
android Android iOS iPhone14,2 iPhone iPad Windows Linux HarmonyOS MIUI ColorOS OriginOS Xiaomi Redmi HUAWEI \
HONOR OPPO vivo OnePlus realme samsung SM-G991B SM-A536B SM-S918U Pixel Google google Nokia motorola Sony LG \
LGE HTC ZTE TECNO Infinix Lenovo ASUS Nothing Fairphone M2012K11AC V2055A PEGM00 RMX3301 ELE-L29 arm64-v8a \
armeabi-v7a x86_64 WIFI wifi 5G 4G LTE 3G cellular mobile none unknown Unknown null true false KPN Vodafone \
T-Mobile Orange Telefonica Verizon AT&T China Mobile China Unicom Jio Airtel zh-CN zh_CN en-US en_US en-GB \
nl-NL nl_NL de-DE de_DE fr-FR fr_FR es-ES it-IT pt-BR ja-JP ko-KR ru-RU pl-PL tr-TR en nl de fr zh ja ko ru \
US CN NL DE FR GB IN BR JP KR Europe/Amsterdam Europe/Berlin Europe/Paris Asia/Shanghai America/New_York \
Asia/Tokyo Europe/London UTC GMT GMT+01:00 GMT+08:00 portrait landscape foreground background active online \
offline login logout view click search purchase launch page_view app_start app_end app_open app_install \
first_open session_start session_end screen_view button_click add_to_cart ad_show ad_click video_play \
heartbeat error crash success failed pending ok OK release debug production official googleplay appstore \
default main home detail list index settings profile cart checkout organic direct referral social email push \
com.example.app com.tencent.mm com.android.chrome com.google.android.gms com.facebook.katana com.sina.weibo \
com.whatsapp com.zhiliaoapp.musically org.mozilla.firefox com.spotify.music nl.bank.app de.shop.mobile \
com.ss.android.ugc com.baidu.searchbox com.UCMobile com.eg.android.AlipayGphone com.taobao.taobao \
MainActivity SplashActivity HomeFragment DetailActivity WebViewActivity application/json text/html gzip UTF-8 \
utf-8 GET POST PUT HTTP/1.1 https http www release-keys user-release 1.0.0 2.1.3 10 11 12 13 14";

/// Names of programs as they tell them to servers; spaces are within, lines are between.
pub(super) const AGENTS: &str = "\
Mozilla/5.0 (Linux; Android 13; Mobile) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36
Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36
Mozilla/5.0 (Linux; U; Android 12; zh-cn; M2102J2SC Build/SKQ1) AppleWebKit/537.36 Version/4.0 MiuiBrowser/17.1
Mozilla/5.0 (iPhone; CPU iPhone OS 17_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148
Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:121.0) Gecko/20100101 Firefox/121.0
Dalvik/2.1.0 (Linux; U; Android 11; SM-A125F Build/RP1A.200720.012)
okhttp/4.9.3
CFNetwork/1474 Darwin/23.0.0";

/// Hosts and parts of paths.
pub(super) const HOSTS: &str = "\
www.example.com api.example.org log.example.net m.example.cn de.wikipedia.org en.wikipedia.org nl.wikipedia.org \
www.google.com www.youtube.com news.site.nl shop.store.de cdn.static.io analytics.tracker.com \
collect.metrics.net www.bbc.co.uk www.lemonde.fr www.spiegel.de www.nu.nl www.baidu.com weibo.com \
www.taobao.com www.amazon.de www.booking.com maps.apple.com play.google.com github.com index.html search \
wiki api v1 v2 v3 article news product item user profile login home category page watch images static \
upload collect report config track event batch log";

/// Plain words of several languages, for text and for names that are not English.
pub(super) const PLAIN: &str = "\
the and of to in is you that it he was for on are with as his they at be this from have or by one had not but \
what all were when we there can an your which their said if do will each about how up out them then she many \
some so these would other into has more her two like him see could no make than been its now people my made \
over did down only way find use may water long little very after words called just where most know get \
through back much before go good new write our used me man too any day same right look think also around \
another came come work three word must because does part even place well such here take why things help put \
years different away again off went old number great tell men say small every found still between name should \
home big give air line set own under read last never us left end along while might next sound below saw \
something thought both few those always looked show large often together asked house world going want school \
important until form food keep children feet land side without boy once animals life enough took four head \
above kind began almost live page got earth need far hand high year mother light country father let night \
picture being study second soon story since white ever paper hard near sentence better best across during \
de het een van en is dat op te in voor met niet zijn aan er om ook als bij maar door over naar dan nog wat \
gebruiker apparaat versie taal datum tijd plaats naam adres nummer wachtwoord zoeken winkel bestelling bericht \
der die das und ist nicht mit sich auf ein eine auch als wie hat aus bei nach werden wird Benutzer Gerät \
Version Sprache Datum Zeit Ort Name Adresse Nummer Kennwort Suche Laden Bestellung Nachricht geraet nutzer \
le la les des est pas pour dans qui sur avec plus par ce sont mais utilisateur appareil langue date heure lieu \
nom adresse numero mot recherche magasin commande message el los las que por con para una como usuario \
dispositivo idioma fecha hora lugar nombre direccion buscar tienda pedido mensaje utente lingua data ora luogo \
nome indirizzo cerca negozio ordine shebei yonghu mingzi shijian weizhi dizhi mima sousuo shangdian dingdan \
xiaoxi shouji haoma banben yuyan xitong wangluo leixing zhuangtai jieguo cuowu chenggong shuju liebiao biaoti \
neirong tupian shipin yinyue pengyou qunzu guanzhu fenxiang pinglun ustroystvo polzovatel imya vremya gorod \
nomer yazyk versiya zapros otvet soobshchenie jikan namae basho gengo kensaku kikai denwa bangou urzadzenie \
uzytkownik nazwa jezyk czas miasto cihaz kullanici isim dil zaman sehir arama nama bahasa waktu kota perangkat \
pengguna cari pesan toko idade usuario endereco pesquisa loja pedido mensagem senha enhet anvandare namn sprak";

/// Text outside ASCII, so that its bytes are not taken for noise.
pub(super) const WIDE: &str = "\
设备 用户 名称 时间 位置 地址 密码 搜索 商店 订单 消息 手机 号码 版本 语言 系统 网络 类型 状态 结果 错误 成功 数据 列表 标题 内容 图片 \
视频 音乐 朋友 中国移动 中国联通 首页 详情 北京市 上海市 天气 新闻 端末 時間 場所 検索 東京都 メッセージ ホーム 사용자 기기 시간 검색 서울 \
устройство пользователь время город поиск сообщение Москва новости größe straße über für können naïve café \
señor niño é à ö ü ä ß ç ñ été déjà où Zürich Málaga København Łódź İstanbul хорошо მოწყობილობა";
