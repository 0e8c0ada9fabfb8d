//! frontdesk.
