//! A disk that fails, or loses what was not synced, when a test wants it to.
//!
//! It stands between SQLite and its own file layer, as SQLite's default file system of this
//! process: the journal opens its files as always and knows nothing of it.
#![expect(
    unsafe_code,
    reason = "SQLite's file layer is a table of C functions, and there is no other door"
)]

use std::collections::{HashMap, HashSet};
use std::ffi::{CStr, c_char, c_int, c_void};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{LazyLock, Mutex, MutexGuard, Once};

use rusqlite::ffi::{
    SQLITE_FULL, SQLITE_IOERR, SQLITE_OK, SQLITE_READONLY, sqlite3_file, sqlite3_filename,
    sqlite3_int64, sqlite3_io_methods, sqlite3_vfs, sqlite3_vfs_find, sqlite3_vfs_register,
};

/// What was done to a file.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    Write {
        offset: usize,
        bytes: Vec<u8>,
    },
    Truncate {
        length: usize,
    },
    Sync,
    /// What it was to bring to the disk may be forgotten, and no later sync brings it there.
    SyncFailed,
    Delete,
    /// A file was opened that was not before; the journal's own, when it has come to its place.
    Opened,
    /// Room is asked for in the index of the log, which is on no disk but takes room on it.
    Index,
    /// Not a file's: the journal said "done" for this many entries.
    Acknowledged(u64),
}

/// One journal's files, watched by its path.
pub(crate) struct Disk {
    path: PathBuf,
}

#[derive(Default)]
struct Plan {
    log: Vec<(PathBuf, Op)>,
    fault: Option<Fault>,
    /// The handles of a disk that is gone; new ones are of the disk that came back.
    dead: HashSet<usize>,
}

struct Fault {
    /// So many writes and syncs go well first.
    after: u32,
    code: c_int,
    /// Or until this file is gone.
    until_gone: Option<PathBuf>,
    met: bool,
}

static PLANS: LazyLock<Mutex<HashMap<PathBuf, Plan>>> = LazyLock::new(Mutex::default);
/// Which file SQLite means, by the address of its handle; and SQLite's own functions for it.
static FILES: LazyLock<Mutex<HashMap<usize, (PathBuf, Functions)>>> = LazyLock::new(Mutex::default);
/// Ours for each table of SQLite's: one for databases, one for files that nobody locks.
static OURS: LazyLock<Mutex<HashMap<usize, Functions>>> = LazyLock::new(Mutex::default);
static REAL_VFS: AtomicPtr<sqlite3_vfs> = AtomicPtr::new(std::ptr::null_mut());

type Functions = &'static sqlite3_io_methods;

impl Disk {
    /// Watches the journal at `path` from here on.
    pub(crate) fn under(path: &Path) -> Self {
        install();
        plans().insert(path.to_owned(), Plan::default());
        Self { path: path.to_owned() }
    }

    /// After this many more writes and syncs, each fails with this code until [`Disk::heal`].
    pub(crate) fn fail(&self, after: u32, code: c_int) {
        self.plan(|plan| plan.fault = Some(Fault { after, code, until_gone: None, met: false }));
    }

    /// Each write fails for want of room until that file is gone.
    pub(crate) fn fill_until_gone(&self, file: &Path) {
        let until_gone = Some(file.to_owned());
        self.plan(|plan| {
            plan.fault = Some(Fault { after: 0, code: SQLITE_FULL, until_gone, met: false });
        });
    }

    /// Nothing fails any more. Returns whether anything did.
    pub(crate) fn heal(&self) -> bool {
        self.plan(|plan| plan.fault.take()).is_some_and(|fault| fault.met)
    }

    /// The disk goes away and comes back: what was open stays dead.
    pub(crate) fn unplug(&self) {
        let open = files()
            .iter()
            .filter(|(_, (path, _))| belongs(path, &self.path))
            .map(|(handle, _)| *handle)
            .collect();
        self.plan(|plan| plan.dead = open);
    }

    pub(crate) fn acknowledged(&self, entries: u64) {
        self.plan(|plan| plan.log.push((PathBuf::new(), Op::Acknowledged(entries))));
    }

    /// Everything that was done since the beginning.
    pub(crate) fn log(&self) -> Vec<(PathBuf, Op)> {
        self.plan(|plan| plan.log.clone())
    }

    fn plan<T>(&self, work: impl FnOnce(&mut Plan) -> T) -> T {
        work(plans().get_mut(&self.path).unwrap())
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        plans().remove(&self.path);
    }
}

fn plans() -> MutexGuard<'static, HashMap<PathBuf, Plan>> {
    PLANS.lock().unwrap()
}

fn files() -> MutexGuard<'static, HashMap<usize, (PathBuf, Functions)>> {
    FILES.lock().unwrap()
}

fn belongs(file: &Path, journal: &Path) -> bool {
    file.to_string_lossy()
        .strip_prefix(&*journal.to_string_lossy())
        .is_some_and(|rest| matches!(rest, "" | "-wal" | "-new" | "-new-journal" | "-new-wal"))
}

/// Writes down what is about to be done, or says with which code it fails.
fn foresee(handle: usize, file: &Path, op: Op) -> Option<c_int> {
    let mut plans = plans();
    let (_, plan) = plans.iter_mut().find(|(journal, _)| belongs(file, journal))?;
    if plan.dead.contains(&handle) {
        return Some(SQLITE_IOERR);
    }
    if let Some(fault) = &mut plan.fault {
        let over = fault.until_gone.as_ref().is_some_and(|file| !file.exists());
        if fault.after == 0 && !over {
            fault.met = true;
            if matches!(op, Op::Sync) {
                plan.log.push((file.to_owned(), Op::SyncFailed));
            }
            return Some(fault.code);
        }
        fault.after = fault.after.saturating_sub(1);
    }
    plan.log.push((file.to_owned(), op));
    None
}

fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: SQLite's default file system lives as long as the process; the copy is leaked,
        // so it does too. All functions but two stay SQLite's own.
        unsafe {
            let real = sqlite3_vfs_find(std::ptr::null());
            REAL_VFS.store(real, Ordering::SeqCst);
            let ours = Box::leak(Box::new(*real));
            ours.zName = c"a bad disk".as_ptr();
            ours.xOpen = Some(open);
            ours.xDelete = Some(delete);
            assert_eq!(sqlite3_vfs_register(ours, 1), SQLITE_OK);
        }
    });
}

unsafe extern "C" fn open(
    _: *mut sqlite3_vfs,
    name: sqlite3_filename,
    file: *mut sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: SQLite's own arguments go to SQLite's own function; a file that it opened has its
    // table of functions, of which ours is a copy with five replaced.
    unsafe {
        let real = REAL_VFS.load(Ordering::SeqCst);
        let code = (*real).xOpen.unwrap()(real, name, file, flags, out);
        if code == SQLITE_OK && !name.is_null() {
            let real: Functions = &*(*file).pMethods;
            let path = PathBuf::from(CStr::from_ptr(name).to_str().unwrap());
            if let Some((_, plan)) = plans().iter_mut().find(|(at, _)| belongs(&path, at)) {
                plan.log.push((path.clone(), Op::Opened));
            }
            files().insert(file.addr(), (path, real));
            (*file).pMethods =
                *OURS.lock().unwrap().entry((*file).pMethods.addr()).or_insert_with(|| {
                    Box::leak(Box::new(sqlite3_io_methods {
                        xClose: Some(close),
                        xWrite: Some(write),
                        xTruncate: Some(truncate),
                        xSync: Some(sync),
                        xShmMap: Some(map_index),
                        ..*real
                    }))
                });
        }
        code
    }
}

unsafe extern "C" fn delete(_: *mut sqlite3_vfs, name: *const c_char, sync: c_int) -> c_int {
    // SAFETY: SQLite's own arguments go to SQLite's own function.
    unsafe {
        let path = PathBuf::from(CStr::from_ptr(name).to_str().unwrap());
        match foresee(0, &path, Op::Delete) {
            Some(code) => code,
            None => {
                let real = REAL_VFS.load(Ordering::SeqCst);
                (*real).xDelete.unwrap()(real, name, sync)
            }
        }
    }
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    let (_, real) = files().remove(&file.addr()).unwrap();
    for plan in plans().values_mut() {
        plan.dead.remove(&file.addr());
    }
    // SAFETY: the file is SQLite's own, and so is the function.
    unsafe { real.xClose.unwrap()(file) }
}

unsafe extern "C" fn write(
    file: *mut sqlite3_file,
    bytes: *const c_void,
    length: c_int,
    offset: sqlite3_int64,
) -> c_int {
    // SAFETY: SQLite hands out `length` bytes that are there until this returns.
    let written =
        unsafe { std::slice::from_raw_parts(bytes.cast::<u8>(), usize::try_from(length).unwrap()) };
    let op = Op::Write { offset: usize::try_from(offset).unwrap(), bytes: written.to_vec() };
    let (path, real) = of(file);
    match foresee(file.addr(), &path, op) {
        Some(code) => code,
        // SAFETY: the file is SQLite's own, and so is the function.
        None => unsafe { real.xWrite.unwrap()(file, bytes, length, offset) },
    }
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, length: sqlite3_int64) -> c_int {
    let (path, real) = of(file);
    match foresee(file.addr(), &path, Op::Truncate { length: usize::try_from(length).unwrap() }) {
        Some(code) => code,
        // SAFETY: the file is SQLite's own, and so is the function.
        None => unsafe { real.xTruncate.unwrap()(file, length) },
    }
}

unsafe extern "C" fn sync(file: *mut sqlite3_file, flags: c_int) -> c_int {
    let (path, real) = of(file);
    match foresee(file.addr(), &path, Op::Sync) {
        Some(code) => code,
        // SAFETY: the file is SQLite's own, and so is the function.
        None => unsafe { real.xSync.unwrap()(file, flags) },
    }
}

unsafe extern "C" fn map_index(
    file: *mut sqlite3_file,
    page: c_int,
    length: c_int,
    extend: c_int,
    out: *mut *mut c_void,
) -> c_int {
    let (path, real) = of(file);
    // Who only reads asks for no room. "May only be read" is no refusal here, but an answer.
    let code = if extend == 0 { None } else { foresee(file.addr(), &path, Op::Index) };
    let code = code.filter(|code| *code != SQLITE_READONLY);
    // SAFETY: the file and the place of the answer are SQLite's own, and so is the function.
    unsafe {
        if let Some(code) = code {
            *out = std::ptr::null_mut();
            return code;
        }
        real.xShmMap.unwrap()(file, page, length, extend, out)
    }
}

fn of(file: *mut sqlite3_file) -> (PathBuf, Functions) {
    files().get(&file.addr()).cloned().unwrap()
}
