//! The accounts: of all that was sent, where it is; exact to the last one, or the run fails.

/// What has been put down so far.
#[derive(Default)]
pub(crate) struct Ledger {
    broken: Vec<String>,
}

impl Ledger {
    /// So many came: that is, to the last one, the sum of what became of them.
    pub(crate) fn balances(&mut self, what: &str, came: u64, became: &[(&str, u64)]) {
        let sum: u64 = became.iter().map(|(_, many)| *many).sum();
        let parts: Vec<String> = became
            .iter()
            .enumerate()
            .filter(|(place, (_, many))| *place == 0 || *many > 0)
            .map(|(_, (name, many))| format!("{name} {}", written(*many)))
            .collect();
        let verdict = if sum == came { "exact" } else { "DOES NOT ADD UP" };
        let line = format!("{what} {} = {}", written(came), parts.join(" + "));
        println!("  account: {line}: {verdict}");
        if sum != came {
            self.broken.push(format!("{line} (which is {})", written(sum)));
        }
    }

    /// Of these there may be none.
    pub(crate) fn none(&mut self, what: &str, many: u64) {
        let verdict = if many == 0 { "none, as must be" } else { "THERE MUST BE NONE" };
        println!("  account: {what}: {}: {verdict}", written(many));
        if many > 0 {
            self.broken.push(format!("{what}: {}", written(many)));
        }
    }

    /// Says what does not add up; whether all does.
    pub(crate) fn end(self) -> bool {
        for line in &self.broken {
            println!("DOES NOT ADD UP: {line}");
        }
        self.broken.is_empty()
    }
}

/// A count, in groups of three digits.
fn written(count: u64) -> String {
    let digits = count.to_string();
    let groups = digits.as_bytes().rchunks(3).rev();
    let groups: Vec<&str> = groups.filter_map(|group| str::from_utf8(group).ok()).collect();
    groups.join(",")
}
