//! Octets that nobody would send.

use crate::house::{House, captured, sender, soon, until};
use vigie::inbox::Letter;

/// xorshift64*, with a seed that is printed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32;
        usize::try_from(number).unwrap() % sides
    }

    fn octet(&mut self) -> u8 {
        u8::try_from(self.roll(256)).unwrap()
    }
}

#[tokio::test]
async fn twenty_thousand_datagrams_of_noise_end_nothing_and_each_is_counted_once() {
    let mut house = House::plain().await;
    let socket = sender("127.0.0.1:0", house.at(0));
    let seed = 0x5eed_0001_u64;
    println!("seed {seed:#x}");
    let mut dice = Dice(seed);
    let names = [
        "v1-link-down",
        "v1-enterprise-specific",
        "v2c-link-down",
        "v2c-all-types",
        "v2c-inform",
        "v3-trap-auth-priv",
    ];
    let models: Vec<Vec<u8>> = names.into_iter().map(captured).collect();
    let mut letters = 0_u64;
    for sent in 1..=20_000_u64 {
        let mut octets = models[dice.roll(models.len())].clone();
        match dice.roll(4) {
            0 => octets = (0..dice.roll(300)).map(|_| dice.octet()).collect(),
            1 => octets.truncate(dice.roll(octets.len())),
            _ => {
                for _ in 0..=dice.roll(4) {
                    let place = dice.roll(octets.len());
                    octets[place] = dice.octet();
                }
            }
        }
        socket.send(&octets).unwrap();
        if sent % 100 == 0 {
            until("the receiver keeps up", || house.counter("datagrams") == sent).await;
            while let Ok(Letter::Event { .. }) = house.letters.try_recv() {
                letters += 1;
            }
        }
    }
    socket.send(&captured("v2c-link-down")).unwrap();
    soon("the receiver lives", house.signal()).await;
    let mut counters = house.counters();
    for of_others in ["odd", "answered", "unanswered"] {
        counters.remove(of_others);
    }
    let datagrams = counters.remove("datagrams").unwrap();
    assert_eq!(datagrams, 20_001);
    assert_eq!(counters.values().sum::<u64>(), datagrams, "{counters:?}");
    assert_eq!(counters["traps"] + counters["informs"], letters + 1, "{counters:?}");
    assert!(
        counters["malformed"] > 1_000 && counters["traps"] > 1_000,
        "the noise was of use: {counters:?}"
    );
}
