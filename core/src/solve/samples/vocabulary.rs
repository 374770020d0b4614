//! Words of the test telemetry. No name of a field stands among the words from which the model learns
//! (a test holds that), so that what is measured is not what was learnt.

/// A line is `names: values`. Names are different spellings that different programs use; `*` before them marks
/// what changes from message to message. In values `#` is a digit, `^` a hex digit, `=` begins what JSON writes
/// without quotes, `{…}` is a time: seconds, milliseconds, RFC 3339, clock; `|` is between alternatives.
pub(super) const FIELDS: &str = "\
platformName,osFamily,system_name: Android|iOS|HarmonyOS|ios
platform_release,osRelease,sysver,firmwareVersion: 1#|1#.#|1#.#.#|9
sdk_stage,androidSdkInt,sdkNumber: =3#|=2#
handset,phoneModel,machine,hardwareModel,device_product: SM-G99#B|Pixel #|M21##K6G|iPhone15,#|CPH24##|XQ-BC52|Redmi Note #|moto g84
vendorName,oem,hw_vendor,deviceMaker: Fairphone|OnePlus|Xiaomi|Sony|HMD Global|Honor|Samsung
applicationKey,host_app,bundleIdentifier,pkgRef: nl.ns.reisplanner|org.telegram.messenger|com.ijinshan.cleaner|de.bahn.navigator|com.duolingo|fr.leboncoin.mobile
buildSerial,compiledBuild,releaseCode,binary_version: =####|=10####|##.#.#|7.#.##-beta
marketing_version,shortVersion,client_release: #.#.#|##.#|20##.#.#
storefront,setupOrigin,download_source,distribution: googleplay|samsungapps|huaweiappgallery|fdroid|sideload
reachability,linkType,connection_kind,radio: wifi|lte|ethernet|nr|hspa
telco,simCarrier,plmn,mobile_provider: =20408|KPN|Odido|Proximus|Deutsche Telekom|Vodafone NL|Movistar
*emitted,occurredAt,clientEpoch,tick,capture_ts,collector_tstamp: ={ms}
*stamp,sentMoment,evtSeconds,hit_epoch: ={s}
*when,loggedAt,bornAt,sent_on,observed: {rfc}
*clock_local,wallclock: {clock}
*happening,evtname,interaction,signalName,track_name: app_foregrounded|screen_shown|searchSubmitted|consent_updated|keep_alive|video_finished|link_opened|push_received|tutorial_skipped
*screenKey,visiblePage,current_view,routeName,stageName: HomeActivity|/pages/overview|SearchResultFragment|ArticleDetail|onboarding_step_two|checkoutSummary
interfaceLanguage,ui_lang,languageTag,i18n: nl|nl-NL|de-AT|en_GB|fr-BE|pl
olson,zoneName,iana_zone: Europe/Brussels|Europe/Madrid|Asia/Chongqing|Europe/Warsaw
utcShift,gmt_minutes: =120|=60|=-300|=480
*geoLat,fix_latitude,positionY: =5#.######|=4#.#####
*geoLon,fix_longitude,positionX: =4.######|=1#.#####
*hdop,fix_precision,horizontalError: =##.#|=#.##|=##
*accessPoint,hotspot,wlan_label: Ziggo#######|FRITZ!Box 75##|KPN-Gast|TP-Link_####|thuisnetwerk
*ap_mac,routerAddress,wlan_bss: ^^:^^:^^:^^:^^:^^
*visitToken,runId,session_guid,journeyUuid: ^^^^^^^^-^^^^-4^^^-a^^^-^^^^^^^^^^^^
adIdentifier,rdid,google_aid,adTrackingId: ^^^^^^^^-^^^^-4^^^-8^^^-^^^^^^^^^^^^
installationGuid,firebase_iid,instanceKey: ^^^^^^^^-^^^^-4^^^-9^^^-^^^^^^^^^^^^|^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
*bodyDigest,bodyHash,checksum_hex: ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^|^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
*ordinal,hitNumber,runningNo,event_counter: =###|=#|=##
*powerPercent,charge_remaining,juice: =##|##%
*pluggedIn,chargingNow,usbPowered: =true|=false|=0|=1
viewport,displaySize,window_px: 1080x2400|1440*3200|720x16##
pixels_per_inch,scaleFactor,screenScale: =420|=480|=2.75|=3
tampered,isJailbroken,superuser: =false|=0|=true
*openedLink,landing_uri,visitedAddress,doc_location: https://m.ijinshan.com/n?id=###|https://nos.nl/artikel/25#####|https://www.marktplaats.nl/q/fietsen/|https://www.leboncoin.fr/recherche|https://forum.gezondheid.be/onderwerp/####
*phrase,typedText,search_terms,lookup: weer morgen|huisarts dienst|goedkope verzekering|vacature utrecht|symptomen griep|vliegtickets barcelona|gebrauchte fahrräder
*docTitle,headline,windowTitle: Buienradar - weer|Login op Mijn Overheid|Nieuws van vandaag|Kurs Euro Dollar|Rezepte mit Kürbis
*elapsedMs,timeSpent,dwell,engagementMsec: =####|=##|=#####
instructionSet,primaryAbi,cpuFamily: arm64-v8a|armeabi-v7a|x86_64
*heapFree,availMemory,ram_mb: =5####|=78##|=###
libraryEdition,tracker_version,sdkRelease,agentVersion: 5.#.#|3.1#.0|v1.9.##|kotlin-#.#.#
*firstRun,is_returning,freshInstall: =true|=false
featureBucket,peerGroup,abCell,treatment: ctrl_#|treat_B|baseline|holdout#
httpAgent,browserIdent,clientSignature: Mozilla/5.0 (Linux; Android 1#; Mobile) AppleWebKit/537.36 Chrome/1##.0.0.0|okhttp/4.#.#|Dalvik/2.1.0
*openedBy,trigger,initiator,entryPoint: launcher|push_click|deeplink|homescreenWidget|notification
*howMany,retries,dropped,pendingEvents: =#|=##
countryIso,geo_country,jurisdiction: NL|BE|DE|PL|ES
freeStorage,diskLeft,flashSize: =1#####|64GB|=##########
pushAllowed,notificationsOn,adConsent,gdprApplies: =true|=false|=1
consentBlob,tcBlob: CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA
bootCount,reboots: =##
*thermal,batteryHeat: =3#.#|=2##
*signalDbm,rxLevel: =-##|=-###
fontScale,text_zoom: =1.0|=1.15|=0.85
themeMode,nightUi: dark|light|auto
accountTier,subscription,entitlement: free|premium|trial_ended
*cartValue,totalPrice,basketAmount: =##.##|=###.##
currencyIso,payCurrency: EUR|USD|PLN|CHF
*itemSku,articleNo,goodsId: #######|SKU-####|ean#############
*position_in_list,slotIndex,rankShown: =#|=##
campaignName,promo_campaign,mediaSource: zomer_actie|retarget_q#|organic|newsletter_may
inboundLink,referred_by: utm_source=google-play&utm_medium=organic|none
securityPatch,patchDate: 202#-0#-05
romVersion,buildFingerprint,incremental: V14.0.#.0.TKHEUXM|TQ3A.230###.001|UP1A.231005.007
accelerometerPresent,has_gyro,nfcAvailable: =true|=false
*orientationNow,rotationDeg: portrait|landscape|=0|=90
*exceptionClass,faultType: java.lang.NullPointerException|android.os.DeadObjectException|TimeoutError
*resultCode,outcome,http_status: =200|=404|=0|ok|timeout
*latencyMs,dnsMillis,roundTrip: =##|=###
simSlots,dualSim: =1|=2
installedBrowsers,packagesSeen: =##|=###
isEmulated,runsInVm,debuggerAttached: =false|=0
quirk_zq,xgpushk,wj_flt: fkz#wq|jj##|=#";

/// Names of objects inside.
pub(super) const GROUPS: &str = "\
ctx contextInfo envelope_meta deviceFacts hostDetails attributesMap appFacts runtimeInfo extras additional";

/// Names of lists of events.
pub(super) const LISTS: &str = "hits recordsList eventQueue pendingItems signals activities";

/// Names under which the known value stands.
pub(super) const KNOWN: &str = "\
hardwareId machineKey dev_serial terminalId androidIdentifier handsetKey unit_no deviceFingerprint ssaid tokenOfDevice";
