//! The units in contrib/systemd and the example in etc/vigie.toml name the same places, ports and secrets; the package has all of them.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what surprises this test is a mistake in a file of the project"
)]

use std::path::Path;

use vigie::config;

fn file(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What a unit says under this key, each time.
fn said<'a>(unit: &'a str, key: &str) -> Vec<&'a str> {
    let value = |line: &'a str| line.strip_prefix(key)?.strip_prefix('=');
    unit.lines().filter_map(value).collect()
}

fn example() -> config::Settings {
    let reading = config::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("etc/vigie.toml"));
    reading.settings.unwrap()
}

#[test]
fn the_service_makes_the_directories_that_the_files_name() {
    let unit = file("contrib/systemd/vigie.service");
    let example = example();
    let places = [
        ("StateDirectory", "/var/lib", config::DEFAULT_STORE, &example.store),
        ("RuntimeDirectory", "/run", config::DEFAULT_SOCKET, &example.control),
    ];
    for (key, root, usual, named) in places {
        let [made] = *said(&unit, key) else { panic!("{key} stands once") };
        let made = Path::new(root).join(made);
        assert_eq!(Path::new(usual).parent(), Some(&*made), "{key}");
        assert_eq!(named.parent(), Some(&*made), "{key}");
    }
    assert_eq!(said(&unit, "ConfigurationDirectory"), ["vigie"]);
    assert!(file("contrib/systemd/tmpfiles.d/vigie.conf").contains("d /etc/vigie "));
    let account = said(&unit, "User").concat();
    for file_of_it in ["sysusers.d/vigie.conf", "tmpfiles.d/vigie.conf"] {
        assert!(file(&format!("contrib/systemd/{file_of_it}")).contains(&account), "{file_of_it}");
    }
}

#[test]
fn the_sockets_that_systemd_opens_are_those_on_which_the_example_listens() {
    let socket = file("contrib/systemd/vigie-snmp.socket");
    let mut opened: Vec<std::net::SocketAddr> =
        said(&socket, "ListenDatagram").iter().map(|at| at.parse().unwrap()).collect();
    let mut listened: Vec<std::net::SocketAddr> =
        example().snmp.into_iter().flat_map(|receiver| receiver.listen).collect();
    opened.sort();
    listened.sort();
    assert_eq!(opened, listened);
    // Else the first of them would take the port of the second.
    assert_eq!(said(&socket, "BindIPv6Only"), ["ipv6-only"]);
    assert_eq!(said(&socket, "Service"), ["vigie.service"]);
}

#[test]
fn a_disk_has_longer_than_the_kernel_gives_it_before_the_watchdog_acts() {
    let unit = file("contrib/systemd/vigie.service");
    let [within] = *said(&unit, "WatchdogSec") else { panic!("it stands once") };
    let within: u32 = within.parse().unwrap();
    assert!(within / 3 * 2 > 30, "two thirds of {within} s");
}

#[test]
fn a_secret_that_the_unit_shows_is_one_of_the_example() {
    let unit = file("contrib/systemd/vigie.service");
    let files = file("etc/vigie.toml");
    let shown = ["#LoadCredential", "#LoadCredentialEncrypted"].map(|key| said(&unit, key));
    let shown = shown.concat();
    assert_eq!(shown.len(), 2);
    for line in shown {
        let (name, _) = line.split_once(':').unwrap();
        assert!(files.contains(&format!("credential = \"{name}\"")), "{name}");
    }
}

#[test]
fn the_configuration_that_the_package_begins_with_passes_without_a_word() {
    let reading = config::read_str(&[("vigie.toml", &file("contrib/debian/vigie.toml"))]);
    let told: Vec<String> = reading.complaints.iter().map(ToString::to_string).collect();
    assert!(reading.settings.is_some() && told.is_empty(), "{told:?}");
}

#[test]
fn the_package_installs_every_unit_and_its_changes_are_told_up_to_this_version() {
    let manifest: toml::Table = toml::from_str(&file("Cargo.toml")).unwrap();
    let assets = manifest["package"]["metadata"]["deb"]["assets"].as_array().unwrap();
    let installed: Vec<&str> = assets.iter().map(|asset| asset[0].as_str().unwrap()).collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["", "sysusers.d", "tmpfiles.d", "udev.rules.d"] {
        let place = Path::new("contrib/systemd").join(folder);
        for entry in std::fs::read_dir(root.join(&place)).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_file() {
                let path = place.join(entry.file_name());
                assert!(installed.contains(&path.to_str().unwrap()), "{}", path.display());
            }
        }
    }
    let latest = format!("vigie ({}) ", env!("CARGO_PKG_VERSION"));
    assert!(file("contrib/debian/changelog").starts_with(&latest), "no entry for {latest}");
}
