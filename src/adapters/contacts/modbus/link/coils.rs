//! Coils: one is set (function 5), and read back where the board lets it be read.
//!
//! An echo proves that the board has understood, not that the coil is as it should be: a program in the board, or a
//! switch on its front, may hold it.

use std::time::Duration;

use tokio::time::timeout;
use tokio_modbus::client::{Client, Context};
use tokio_modbus::{ExceptionCode, Request, Response};

use super::super::plan::Ask;
use super::{Link, Miss, late, question, understood};
use crate::config::ModbusTable;

impl Link {
    /// Sets a coil. After what is unanswered the link is to be [cut](Self::cut).
    pub(in super::super) async fn write(&mut self, coil: u16, on: bool) -> Result<(), Miss> {
        let patience = self.patience;
        let context = self.begin().await?;
        let mut set = set(context, coil, on, patience).await;
        if set == Ok(false) {
            // Somebody's hand was on it between the two questions: a coil that is held stays so.
            set = self::set(context, coil, on, patience).await;
        }
        if !matches!(set, Err(Miss::Unanswered(_))) {
            (self.is_tainted, self.is_asked) = (false, false);
        }
        if set? {
            return Ok(());
        }
        let (set, shows) = (u16::from(on), u16::from(!on));
        Err(Miss::Refused(format!(
            "coil {coil} (counted from 0) shows {shows} after it was set to {set}: does something else hold it?"
        )))
    }
}

/// Sets a coil; whether it is so then, as far as the board lets it be read.
async fn set(context: &mut Context, coil: u16, on: bool, patience: Duration) -> Result<bool, Miss> {
    let ask = Ask { table: ModbusTable::Coil, start: coil, count: 1 };
    let written = timeout(patience, context.call(Request::WriteSingleCoil(coil, on))).await;
    match written.map_err(|_| late(patience))? {
        Ok(Ok(Response::WriteSingleCoil(at, is))) if at == coil && is == on => {}
        Ok(Ok(_)) => {
            return Err(Miss::Unanswered("an answer belongs to another coil".to_owned()));
        }
        Ok(Err(exception)) => return Err(unwritten(exception, coil)),
        Err(error) => return understood(Err(error), ask).map(|_| false),
    }
    let read = timeout(patience, question(context, ask)).await;
    match read.map_err(|_| late(patience))? {
        // There are boards whose coils are written and never read.
        Ok(Err(ExceptionCode::IllegalFunction | ExceptionCode::IllegalDataAddress)) => Ok(true),
        read => Ok(understood(read, ask)?.first() == Some(&u16::from(on))),
    }
}

/// What an exception means of a coil that was to be set.
fn unwritten(exception: ExceptionCode, coil: u16) -> Miss {
    let number = u8::from(exception);
    let why = match exception {
        ExceptionCode::IllegalFunction => "the board does not let single coils be set",
        ExceptionCode::IllegalDataAddress => "the board has no such coil: check `line` and `base`",
        ExceptionCode::IllegalDataValue => "the board does not take the value",
        ExceptionCode::ServerDeviceFailure => "the board itself has failed: see its own display",
        ExceptionCode::Acknowledge
        | ExceptionCode::ServerDeviceBusy
        | ExceptionCode::MemoryParityError
        | ExceptionCode::GatewayPathUnavailable
        | ExceptionCode::GatewayTargetDevice
        | ExceptionCode::Custom(_) => {
            return Miss::Unanswered(format!("exception {number} for coil {coil}: {exception}"));
        }
    };
    Miss::Refused(format!(
        "the board refuses to set coil {coil} (counted from 0) with exception {number}: {why}"
    ))
}
