//! One run: everything is built up, left alone for a while, troubled, left alone again, and judged.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{Scope, ScopedJoinHandle};
use std::time::{Duration, Instant};

use crate::board::{Board, free_port};
use crate::cable::Cable;
use crate::chance::Chance;
use crate::devices::{self, Said};
use crate::house::{House, down};
use crate::line::Line;
use crate::mosquitto::Mosquitto;
use crate::over::Over;
use crate::past;
use crate::people::Town;
use crate::record::Story;
use crate::samples::Sample;
use crate::site::{Files, MODEMS, Site, Wires};
use crate::switch;
use crate::trouble::{self, Tally};
use crate::verdicts::{Quarters, Verdicts, as_before};

/// Longer than a start takes, or the mending of a wire.
const LIMIT: Duration = Duration::from_secs(180);
/// So long after a fault somebody may still say so: a modem that fell silent with a message in hand is given three minutes, and that it was
/// pulled out is not seen at once, since programs that were started meanwhile hold the terminal of the simulated one.
const ECHO: Duration = Duration::from_secs(240);
/// Entries of the past for each minute: about as many as a minute of floods leaves.
const PAST: u64 = 6_000;

/// What is wanted.
pub(crate) struct Wanted {
    pub(crate) minutes: u64,
    pub(crate) seed: u64,
    pub(crate) keep: Option<PathBuf>,
    pub(crate) program: PathBuf,
}

impl Wanted {
    fn every(&self) -> Duration {
        Duration::from_secs(if self.minutes < 10 { 3 } else { 10 })
    }
}

/// What stands around the daemon.
struct Place {
    site: Site,
    wires: Wires,
    town: Town,
    broker: Mutex<Mosquitto>,
    board: Mutex<Board>,
    line: Mutex<Line>,
    cables: [(&'static str, Cable); 3],
    said: Said,
    tally: Tally,
}

impl Place {
    fn new(chance: &mut Chance) -> Self {
        let (site, town, line) = (Site::new(), Town::new(chance.another()), Line::new());
        let broker = Mosquitto::plain();
        let port = free_port();
        let board = Board::at("tcp", &format!("127.0.0.1:{port}"));
        let at = |host: &str, port| format!("{host}:{port}").parse().expect("an address");
        let cables = [
            ("mqtt", Cable::to(at(&broker.host, broker.port))),
            ("board", Cable::to(at("127.0.0.1", port))),
            ("ping", Cable::to(switch::open())),
        ];
        let [mqtt, modbus, ping] = cables.each_ref().map(|(_, cable)| cable.here);
        let wires = Wires {
            modems: town.devices.clone(),
            broker: format!("mqtt://{mqtt}"),
            board: format!("tcp://{modbus}"),
            line: line.device(),
            ping: format!("http://{ping}/ping"),
        };
        site.write(&wires, Files::AtFirst);
        let (broker, board, line) = (Mutex::new(broker), Mutex::new(board), Mutex::new(line));
        let (said, tally) = Default::default();
        Self { site, wires, town, broker, board, line, cables, said, tally }
    }
}

/// Runs it; whether every verdict holds.
pub(crate) fn soak(wanted: &Wanted) -> bool {
    println!("seed {}, {} minutes, {}", wanted.seed, wanted.minutes, wanted.program.display());
    let mut chance = Chance::new(wanted.seed);
    let place = Place::new(&mut chance);
    let past = PAST * wanted.minutes;
    past::write(&place.site.store(), &place.site.text(&place.wires, Files::AtFirst), past);
    let keep = wanted.keep.clone().unwrap_or_else(|| place.site.path().to_owned());
    std::fs::create_dir_all(&keep).expect("a folder to keep things in");
    place.board.lock().expect("nobody panics with it").shows("coil", crate::site::DOOR, 1);
    let mut line = place.line.lock().expect("nobody panics with it");
    line.board.as_mut().expect("it is there").shows("coil", crate::site::DOOR, 1);
    drop(line);
    let house = House::open(wanted.program.clone(), &place.site, &keep.join("log"));
    let mut verdicts = Verdicts::default();
    let judged = played(wanted, &house, &place, chance, past, &mut verdicts);
    if !judged {
        verdicts.hold(false, "the daemon lives", &format!("{:?}", house.has_ended()));
    }
    ended(&house, &place, past, &mut verdicts);
    if wanted.keep.is_some() {
        let _ = std::fs::copy(place.site.store(), keep.join("vigie.db"));
    }
    verdicts.tell()
}

/// The run itself; false, when the daemon died.
fn played(
    wanted: &Wanted,
    house: &House,
    place: &Place,
    chance: Chance,
    past: u64,
    verdicts: &mut Verdicts,
) -> bool {
    let is_quiet = house.until(LIMIT, || {
        house.is_up()
            && Sample::now(house, &place.site).is_some_and(|now| now.let_go >= past as f64)
    });
    if !is_quiet {
        let lost = house.status().map(|status| down(&status)).unwrap_or_default();
        verdicts.hold(false, "everything works at the start", &format!("{lost:?}"));
    }
    let Some(before) = at_rest(house, &place.site) else { return false };
    println!("at rest: {before:?}");
    let mut samples = Vec::new();
    let (faults, load, all) = (Over::default(), Over::default(), Over::default());
    let length = Duration::from_secs(wanted.minutes * 60);
    std::thread::scope(|scope| {
        let devices = raise_load(scope, place, chance.clone(), &load);
        let hands = raise_trouble(scope, house, place, chance, (&faults, &all));
        let (began, every) = (Instant::now(), wanted.every());
        while began.elapsed() < length && house.has_ended().is_none() {
            std::thread::sleep(every);
            if let Some(sample) = Sample::now(house, &place.site) {
                println!("{}", told(&sample));
                samples.push(sample);
            } else {
                place.tally.one("samples missed");
            }
        }
        faults.say();
        house.until(LIMIT, || hands.mended() == hands.many());
        load.say();
        devices.into_iter().for_each(|device| device.join().expect("a device"));
        let over = house.began.elapsed();
        println!("all faults are over; {} signals were sent", place.said.signals());
        calm(house, place, &before, over, verdicts);
        all.say();
    });
    if house.has_ended().is_some() {
        return false;
    }
    if let Some(quarters) = Quarters::of(&samples) {
        quarters.table();
        quarters.memory(verdicts);
        quarters.store(past, verdicts);
    } else {
        verdicts.hold(false, "there are enough samples", &samples.len().to_string());
    }
    true
}

fn told(sample: &Sample) -> String {
    format!(
        "{:>6.0} s  {:>6.1} MiB (own {:.1}, peak {:.1})  {} descriptors  {} threads  {} tasks  store {:.1} MiB ({:.1} in use), \
         log {:.1}  {} entries  {} stand, {} owed",
        sample.at,
        sample.rss / 1_024.0,
        sample.own / 1_024.0,
        sample.peak / 1_024.0,
        sample.descriptors,
        sample.threads,
        sample.tasks,
        sample.store / 1_048_576.0,
        sample.used / 1_048_576.0,
        sample.wal / 1_048_576.0,
        sample.entries,
        sample.standing,
        sample.owed
    )
}

/// How it is while nothing happens: three looks in a row that are alike.
fn at_rest(house: &House, site: &Site) -> Option<Sample> {
    let mut alike: Vec<Sample> = Vec::new();
    let so = |sample: &Sample| (sample.descriptors, sample.tasks, sample.threads);
    house.until(LIMIT, || {
        std::thread::sleep(Duration::from_secs(2));
        let Some(sample) = Sample::now(house, site) else { return false };
        alike.retain(|other| so(other) == so(&sample));
        alike.push(sample);
        alike.len() >= 3
    });
    alike.pop()
}

type Hand<'scope> = ScopedJoinHandle<'scope, ()>;

fn raise_load<'scope, 'env>(
    scope: &'scope Scope<'scope, 'env>,
    place: &'env Place,
    mut chance: Chance,
    over: &'env Over,
) -> Vec<Hand<'scope>> {
    let Place { site, broker, board, said, .. } = place;
    let address = {
        let broker = broker.lock().expect("nobody panics with it");
        (broker.host.clone(), broker.port)
    };
    let [pumps, levels, motors, contacts] = [(); 4].map(|()| chance.another());
    vec![
        scope.spawn(move || devices::circuits(site, said, over)),
        scope.spawn(move || devices::pumps(site, said, pumps, over)),
        scope.spawn(move || devices::levels((&address.0, address.1), said, levels, over)),
        scope.spawn(move || devices::motors(broker, said, motors, over)),
        scope.spawn(move || {
            let mut board = board.lock().expect("nobody panics with it");
            devices::contacts(&mut board, said, contacts, over);
        }),
    ]
}

/// Whoever makes trouble. They live until the run ends, for what a thread has started dies with it (PR_SET_PDEATHSIG, prctl(2)).
#[derive(Default)]
struct Hands {
    many: usize,
    mended: Arc<AtomicUsize>,
}

impl Hands {
    fn many(&self) -> usize {
        self.many
    }

    fn mended(&self) -> usize {
        self.mended.load(Ordering::Relaxed)
    }

    fn raise<'scope, 'env>(
        &mut self,
        scope: &'scope Scope<'scope, 'env>,
        all: &'env Over,
        trouble: impl FnOnce() + Send + 'scope,
    ) {
        self.many += 1;
        let mended = Arc::clone(&self.mended);
        scope.spawn(move || {
            trouble();
            mended.fetch_add(1, Ordering::Relaxed);
            while all.pause(Duration::from_secs(1)) {}
        });
    }
}

fn raise_trouble<'scope, 'env>(
    scope: &'scope Scope<'scope, 'env>,
    house: &'env House,
    place: &'env Place,
    mut chance: Chance,
    (over, all): (&'env Over, &'env Over),
) -> Hands {
    let Place { site, wires, town, broker, line, cables, tally, .. } = place;
    let mut hands = Hands::default();
    for (name, cable) in cables {
        let chance = chance.another();
        hands.raise(scope, all, move || trouble::cable(name, cable, chance, over, tally));
    }
    for (name, modem) in MODEMS.into_iter().zip(&town.modems) {
        let (chance, on) = (chance.another(), town.runtime.handle());
        hands.raise(scope, all, move || trouble::modem(name, (on, modem), chance, over, tally));
    }
    let [brokers, lines, lans, peers, disks, files] = [(); 6].map(|()| chance.another());
    hands.raise(scope, all, move || trouble::broker(broker, brokers, over, tally));
    hands.raise(scope, all, move || {
        trouble::line(&mut line.lock().expect("nobody panics with it"), lines, over, tally);
    });
    hands.raise(scope, all, move || trouble::lan(site, lans, over, tally));
    hands.raise(scope, all, move || trouble::peers(site, peers, over, tally));
    hands.raise(scope, all, move || trouble::scrapes(site, over, tally));
    hands.raise(scope, all, move || trouble::disk(house.pid, disks, over, tally));
    hands.raise(scope, all, move || trouble::files((house, site, wires), files, over, tally));
    hands
}

/// When nothing is wrong any more, everything comes to its end: wires work, people answer, and what was opened is closed.
fn calm(house: &House, place: &Place, before: &Sample, over: Duration, verdicts: &mut Verdicts) {
    let lost = || house.status().map_or(vec!["no answer".to_owned()], |status| down(&status));
    let works = house.until(LIMIT, || lost().is_empty());
    let found = if works { "all of them".to_owned() } else { lost().join("; ") };
    verdicts.hold(works, "every wire works again", &found);
    let open = || {
        let status = house.status().unwrap_or_default();
        let count = |of: &str, key: &str| status[of][key].as_u64().unwrap_or(u64::MAX);
        (count("alarms", "unacknowledged"), count("notifications", "owed"))
    };
    let answered = house.until(2 * LIMIT, || open() == (0, 0));
    let found = format!("unacknowledged and owed at the end: {:?}", open());
    verdicts.hold(answered, "everything was answered by somebody", &found);
    let is_as_before = |now: &Sample| {
        now.descriptors <= before.descriptors
            && now.tasks <= before.tasks
            && now.threads <= before.threads
    };
    let mut last = None;
    house.until(LIMIT, || {
        last = Sample::now(house, &place.site).or(last);
        last.as_ref().is_some_and(is_as_before)
    });
    if let Some(after) = &last {
        println!("at rest again: {after:?}");
        as_before(before, after, verdicts);
    } else {
        verdicts.hold(false, "the daemon answers at the end", "it does not");
    }
    let late = house.log.errors().into_iter().filter(|line| line.at > over + ECHO);
    let late: Vec<String> = late.map(|line| line.text).collect();
    verdicts.none("errors in the log after the last fault", &late);
}

/// The daemon is asked to end; its log and its record are read.
fn ended(house: &House, place: &Place, past: u64, verdicts: &mut Verdicts) {
    println!("\nWhat was done: {:#?}", place.tally.all());
    trouble::was_answered(&place.tally, verdicts);
    let verified = house.vigie(&["journal", "verify"]).unwrap_or_default();
    let found = verified.lines().next().unwrap_or("it is not").to_owned();
    verdicts.hold(verified.contains("intact"), "the record is sound", &found);
    let exit = house.close();
    let ends_well = exit.is_some_and(|exit| exit.success());
    verdicts.hold(ends_well, "the daemon lived to its end and ends well", &format!("{exit:?}"));
    let panics: Vec<String> = house.log.panics().into_iter().map(|line| line.text).collect();
    verdicts.none("panics", &panics);
    let errors = house.log.errors();
    let (lines, warnings) = house.log.length();
    println!("the log: {lines} lines, {warnings} warnings, {} errors", errors.len());
    let unexplained = errors.into_iter().map(|line| line.text).filter(|line| !is_caused(line));
    verdicts.none("errors in the log that nobody caused", &unexplained.collect::<Vec<_>>());
    if verified.contains("intact") {
        read(place, past, verdicts);
    }
}

/// The record: who was told, and who was called in vain.
fn read(place: &Place, past: u64, verdicts: &mut Verdicts) {
    let story = Story::of(&place.site.store(), past);
    let opened = story.opened.len();
    println!("the record: {} entries, {opened} alarms that call", story.entries);
    verdicts.none("alarms of which nobody was told", &story.untold());
    let raised = place.said.raised();
    let lost: Vec<String> =
        raised.difference(&story.numbers).map(|number| format!("n{number}")).collect();
    let what = format!("alarms that were answered ({}) and are not on the record", raised.len());
    verdicts.none(&what, &lost);
    verdicts.none("calls about what somebody has, by the record", &story.needless);
    let phones = place.town.phones.lock().expect("nobody panics with it");
    println!("the phones: {} messages, {} answers", phones.messages, phones.answers);
    verdicts.none("calls about what somebody has, by the phones", &phones.needless);
    let found = format!("{} acknowledged", story.acknowledged);
    verdicts.hold(story.acknowledged > 0, "people took some", &found);
}

/// What some hand is known to cause.
fn is_caused(line: &str) -> bool {
    let wires = ["gsm.", "mqtt.plant", "contacts.", "ping.switch"];
    let lost = line.contains("an input is lost");
    (lost && wires.iter().any(|wire| line.contains(&format!("input={wire}"))))
        || line.contains("the record cannot be written")
        || line.contains("the new configuration is refused")
        || line.contains("the modem is on no network")
        || line.contains("the SIM cannot be used")
}
