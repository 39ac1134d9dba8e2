//! kannel: bearerbox drives the modem, and smsbox speaks HTTP with those who send and receive.

use std::io;
use std::process::Command;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use vigie_gsm::simulator::Profile;

use crate::optional::installed;
use crate::place::{MARIE, Place};

#[tokio::test]
async fn bearerbox_of_kannel_finds_it_sends_with_it_and_receives_by_it() {
    let Some([bearerbox, smsbox]) = installed(["bearerbox", "smsbox"], "kannel") else { return };
    let mut place = Place::with(Profile::instant()).await;
    let hears = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let told = hears.local_addr().expect("it is bound").port();
    let [admin, boxes, sends] = free_ports();
    place.write("kannel.conf", &settings(&place, [admin, boxes, sends, told]));
    let _bearerbox = place.runs(Command::new(bearerbox).arg(place.path("kannel.conf")));
    let found = "AT2[modem] (online";
    place.until(|| asked(admin, "/status.txt"), |said| said.contains(found)).await;
    let _smsbox = place.runs(Command::new(smsbox).arg(place.path("kannel.conf")));
    // smsbox opens its port before it knows bearerbox, and falls over one who asks in between; it gives its name last.
    place.until(|| asked(admin, "/status.txt"), |said| said.contains("smsbox:operator")).await;

    let text = "Pompe 3 en panne: 20 € à l'été";
    let message = format!(
        "/cgi-bin/sendsms?username=v&password=v&from=1&charset=UTF-8&to={}&text={}",
        encoded(MARIE),
        encoded(text)
    );
    place.until(|| asked(sends, &message), |said| said.contains("0: Accepted for delivery")).await;
    assert_eq!(place.sent().await, (MARIE.to_owned(), text.to_owned()));

    place.deliver("+33698765432", "4711 FIN").await;
    let heard = place.in_time(answered(&hears)).await.expect("it asks by HTTP");
    assert!(heard.starts_with("GET /?from=%2B33698765432&text=4711+FIN HTTP"), "{heard}");
}

/// Its port for orders, the port of its boxes, the port that is asked to send, and the one that is told what came.
fn settings(place: &Place, [admin, boxes, sends, hears]: [u16; 4]) -> String {
    let (device, store) = (place.device(), place.path("store"));
    let groups = [
        format!(
            "group = core\nadmin-port = {admin}\nadmin-interface = 127.0.0.1\nadmin-password = v\n\
             smsbox-port = {boxes}\nsmsbox-interface = 127.0.0.1\nstore-type = file\nstore-location = {}",
            store.display()
        ),
        format!(
            "group = smsc\nsmsc = at\nsmsc-id = modem\nmodemtype = auto\nspeed = 115200\ndevice = {device}"
        ),
        "group = smsbox-route\nsmsbox-id = operator\nsmsc-id = modem".to_owned(),
        "group = modems\nid = vigie\nname = Vigie\ndetect-string = SIMULATOR".to_owned(),
        format!(
            "group = smsbox\nsmsbox-id = operator\nbearerbox-host = 127.0.0.1\nsendsms-port = {sends}\n\
             sendsms-interface = 127.0.0.1"
        ),
        "group = sendsms-user\nusername = v\npassword = v".to_owned(),
        format!(
            "group = sms-service\nkeyword = default\ncatch-all = true\nmax-messages = 0\n\
             get-url = \"http://127.0.0.1:{hears}/?from=%p&text=%a\""
        ),
    ];
    groups.join("\n\n")
}

/// Ports that were free just now: kannel takes no port of the system's choice.
fn free_ports<const N: usize>() -> [u16; N] {
    let bound = [(); N].map(|()| std::net::TcpListener::bind("127.0.0.1:0").expect("a port"));
    bound.map(|listener| listener.local_addr().expect("it is bound").port())
}

/// The answer to a GET.
async fn asked(port: u16, path: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.write_all(format!("GET {path} HTTP/1.0\r\n\r\n").as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

/// Answers the next who asks, and gives what he asked.
async fn answered(listener: &TcpListener) -> io::Result<String> {
    let (mut stream, _) = listener.accept().await?;
    let mut asked = Vec::new();
    while !asked.ends_with(b"\r\n\r\n") {
        asked.push(stream.read_u8().await?);
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await?;
    Ok(String::from_utf8_lossy(&asked).into_owned())
}

/// As an address wants it (RFC 3986).
fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
