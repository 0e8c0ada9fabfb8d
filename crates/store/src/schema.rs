//! The tables as diesel sees them; `migrations/` is authoritative. Every id is a BIGINT, every time a UTC TIMESTAMP.

diesel::table! {
    customers (chat_id) {
        chat_id -> BigInt,
        username -> Nullable<Text>,
        first_name -> Text,
        last_name -> Nullable<Text>,
        language_code -> Nullable<Text>,
        source -> Nullable<Text>,
        source_at -> Nullable<Timestamp>,
        greeted_at -> Nullable<Timestamp>,
        blocked_at -> Nullable<Timestamp>,
        media_hint_at -> Nullable<Timestamp>,
        has_keyboard -> Bool,
        thread_id -> Nullable<Text>,
        thread_suspect -> Bool,
        thread_since -> Nullable<BigInt>,
        thread_input_tokens -> BigInt,
        thread_used_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
        seen_at -> Timestamp,
        form_since -> Nullable<Timestamp>,
        form_asked_at -> Nullable<Timestamp>,
        untold_lead -> Nullable<Text>,
    }
}

diesel::table! {
    threads (id) {
        id -> BigInt,
        chat_id -> BigInt,
        thread_id -> Text,
        created_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
        end_reason -> Nullable<Text>,
    }
}

diesel::table! {
    inbox (id) {
        id -> BigInt,
        key -> Text,
        update_id -> BigInt,
        chat_id -> BigInt,
        message_id -> Nullable<BigInt>,
        state -> Text,
        reason -> Nullable<Text>,
        content -> Nullable<Text>,
        raw -> Text,
        attempts -> Integer,
        panics -> Integer,
        turn_id -> Nullable<BigInt>,
        received_at -> Timestamp,
        started_at -> Nullable<Timestamp>,
        finished_at -> Nullable<Timestamp>,
        runs -> Integer,
        tool_calls -> Integer,
        input_tokens -> BigInt,
        output_tokens -> BigInt,
    }
}

diesel::table! {
    dialogs (id) {
        id -> BigInt,
        user_id -> BigInt,
        username -> Text,
        message -> Text,
        role -> Text,
        timestamp -> Timestamp,
        kind -> Text,
        inbox_id -> Nullable<BigInt>,
        turn_id -> Nullable<BigInt>,
        delivered_at -> Nullable<Timestamp>,
        lost -> Bool,
    }
}

diesel::table! {
    outbox (id) {
        id -> BigInt,
        key -> Text,
        lane -> Text,
        chat_id -> BigInt,
        payload -> Text,
        state -> Text,
        reason -> Nullable<Text>,
        attempts -> Integer,
        maybe_sent -> Integer,
        due_at -> Timestamp,
        created_at -> Timestamp,
        claimed_at -> Nullable<Timestamp>,
        finished_at -> Nullable<Timestamp>,
        remote_id -> Nullable<BigInt>,
        dialog_id -> Nullable<BigInt>,
        update_id -> Nullable<BigInt>,
        address -> Nullable<Text>,
        lead_id -> Nullable<BigInt>,
        requeued_at -> Nullable<Timestamp>,
        report_id -> Nullable<BigInt>,
        lead_ids -> Nullable<Text>,
    }
}

diesel::table! {
    tool_effects (id) {
        id -> BigInt,
        chat_id -> BigInt,
        turn_id -> BigInt,
        tool -> Text,
        fingerprint -> Text,
        output -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    arrivals (chat_id) {
        chat_id -> BigInt,
        recent -> Text,
        day_began -> Timestamp,
        day_messages -> BigInt,
        day_kept -> BigInt,
        hour_began -> Timestamp,
        hour_kept -> BigInt,
        counted_bot -> Nullable<Text>,
        counted_update -> Nullable<BigInt>,
        counted_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    floods (report_id, chat_id) {
        report_id -> BigInt,
        chat_id -> BigInt,
        messages -> BigInt,
    }
}

diesel::table! {
    gaps (id) {
        id -> BigInt,
        chat_id -> BigInt,
        turn_id -> BigInt,
        question -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    meta (key) {
        key -> Text,
        value -> Text,
    }
}

diesel::table! {
    successful_dialogs (id) {
        id -> BigInt,
        user_id -> BigInt,
        username -> Text,
        contact_info -> Text,
        messages -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        revision -> Integer,
        phone -> Nullable<Text>,
        email -> Nullable<Text>,
        source -> Text,
        turn_id -> BigInt,
        letter -> Nullable<Text>,
    }
}

diesel::table! {
    reports (id) {
        id -> BigInt,
        since -> Timestamp,
        opened_at -> Timestamp,
        due_at -> Nullable<Timestamp>,
        closed_at -> Nullable<Timestamp>,
        is_catch_up -> Bool,
        after_dialog -> BigInt,
        after_lead -> BigInt,
        after_gap -> BigInt,
        after_absence -> BigInt,
        upto_dialog -> Nullable<BigInt>,
        upto_lead -> Nullable<BigInt>,
        upto_gap -> Nullable<BigInt>,
        upto_absence -> Nullable<BigInt>,
    }
}

diesel::table! {
    absences (id) {
        id -> BigInt,
        kind -> Text,
        began_at -> Timestamp,
        ended_at -> Timestamp,
    }
}

// A lead is read together with its customer.
diesel::allow_tables_to_appear_in_same_query!(customers, successful_dialogs);
// The figures of a turn are read with its reply.
diesel::allow_tables_to_appear_in_same_query!(dialogs, inbox);
// A customer's other rows are read when an update is stored.
diesel::allow_tables_to_appear_in_same_query!(customers, inbox);
diesel::allow_tables_to_appear_in_same_query!(arrivals, inbox);
diesel::allow_tables_to_appear_in_same_query!(dialogs, outbox);
diesel::allow_tables_to_appear_in_same_query!(inbox, successful_dialogs);
// New customers of a period.
diesel::allow_tables_to_appear_in_same_query!(customers, dialogs);
