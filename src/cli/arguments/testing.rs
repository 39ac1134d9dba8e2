//! What is asked of tests, from the wire to the telephone.

use clap::{Args, Subcommand};

/// `vigie test`
#[derive(Subcommand, Clone, PartialEq, Debug)]
pub enum TestTool {
    /// Calls the people whom a contact's alarm would call now, marked as a test, and tells what follows
    Contact(TestContact),
    /// Sends one SMS to a person, marked as a test, by the way of every alarm, and tells what becomes of it
    Sms(TestSms),
}

/// `vigie test contact`
#[derive(Args, Clone, PartialEq, Debug)]
pub struct TestContact {
    /// The contact: cabinet.door, or door where no other device has one
    #[arg(value_name = "NAME")]
    pub name: String,
    /// The person who acts; for root and the daemon's own account
    #[arg(long = "as", value_name = "PERSON")]
    pub acting_as: Option<String>,
}

/// `vigie test sms`
#[derive(Args, Clone, PartialEq, Debug)]
pub struct TestSms {
    /// To whom: an identifier of [people]
    #[arg(value_name = "PERSON")]
    pub to: String,
    /// The person who acts; for root and the daemon's own account
    #[arg(long = "as", value_name = "PERSON")]
    pub acting_as: Option<String>,
}
