//! `bojagi_rules_…`

use super::ptr;
use crate::rules::Rules;

/// Fills in the rules: strict, with the default limits. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_rules_init(rules: *mut Rules) {
    // SAFETY: the header asks for NULL or a struct that can be written.
    unsafe { ptr::write(rules, Rules::STRICT) }
}
