//! A shared object and the functions in it.
#![allow(unsafe_code, reason = "a shared object is loaded")]

use std::ffi::{CStr, CString, c_void};
use std::mem;
use std::path::Path;

/// A shared object that was loaded for itself (RTLD_LOCAL) and stays.
pub struct Library {
    handle: *mut c_void,
    name: String,
}

impl Library {
    /// Loads it.
    pub fn open(path: &Path) -> Result<Self, String> {
        let name = path.to_string_lossy().into_owned();
        let path = CString::new(name.as_bytes()).map_err(|_| "NUL in a path".to_owned())?;
        // SAFETY: the path is a C string.
        let handle = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL) };
        match handle.is_null() {
            true => Err(format!("{name} cannot be loaded: run `make bench`")),
            false => Ok(Self { handle, name }),
        }
    }

    /// The function of this name, or None.
    ///
    /// # Safety
    ///
    /// `F` is a pointer to a function of the type that this one has.
    pub unsafe fn find<F: Copy>(&self, name: &CStr) -> Option<F> {
        assert_eq!(size_of::<F>(), size_of::<*mut c_void>());
        // SAFETY: the library is open, the name is a C string.
        let found = unsafe { libc::dlsym(self.handle, name.as_ptr()) };
        // SAFETY: the size is that of a pointer, the type is as the caller says.
        (!found.is_null()).then(|| unsafe { mem::transmute_copy(&found) })
    }

    /// The function of this name.
    ///
    /// # Safety
    ///
    /// As `find`.
    pub unsafe fn function<F: Copy>(&self, name: &CStr) -> Result<F, String> {
        // SAFETY: passed on.
        unsafe { self.find(name) }.ok_or_else(|| format!("{} has no {name:?}", self.name))
    }
}
