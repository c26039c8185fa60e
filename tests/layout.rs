//! The layout of every public struct is the one that C was promised in `tests/abi/layout.txt`.
//! `tests/c/layout.c` prints the same from C, and `tests/c.sh` compares it with the same file.

use std::mem::{offset_of, size_of};

use bojagi::buffer::Buffer;
use bojagi::capi::address::Address;
use bojagi::capi::error::ErrorRecord;
use bojagi::capi::frame::{Frame, FrameFormat};
use bojagi::capi::listen::ListenOptions;
use bojagi::capi::option::{OptionInfo, OptionValue};
use bojagi::capi::plan::ConnectOptions;
use bojagi::codec::{Body, Connection, Fault, Field, FieldLine, Head, Range, Rules, Span};
use bojagi::date::Date;
use bojagi::net::insight::{Credentials, Queues, TcpInfo};
use bojagi::net::plain::Datagram;
use bojagi::net::readiness::Event;
use bojagi::net::sys::vector::IoVec;

/// `name size`, then `name.member offset` for each member.
macro_rules! layout {
    ($text:ident, $name:literal, $type:ty, $($member:ident),*) => {
        $text.push_str(&format!("{} {}\n", $name, size_of::<$type>()));
        $($text.push_str(&format!(
            "{}.{} {}\n", $name, stringify!($member), offset_of!($type, $member)
        ));)*
    };
}

#[test]
fn every_public_struct_has_the_layout_that_c_was_promised() {
    let mut text = String::new();
    layout!(
        text,
        "bojagi_error",
        ErrorRecord,
        size,
        code,
        stage,
        os_error,
        offset,
        attempts,
        message
    );
    layout!(text, "bojagi_address", Address, len, storage);
    layout!(
        text,
        "bojagi_datagram",
        Datagram,
        data,
        len,
        cap,
        full_len,
        flags,
        interface_index,
        tos,
        hops,
        reserved,
        peer,
        local
    );
    layout!(
        text,
        "bojagi_connect_options",
        ConnectOptions,
        size,
        flags,
        cancel,
        attempt_delay_ms,
        local,
        interface_name,
        hosts,
        resolver,
        resolver_user,
        values,
        value_count
    );
    layout!(
        text,
        "bojagi_listen_options",
        ListenOptions,
        size,
        flags,
        cancel,
        backlog,
        fast_open,
        defer_accept_s,
        unix_mode,
        interface_name,
        values,
        value_count
    );
    layout!(text, "bojagi_option_value", OptionValue, option, reserved, value, text);
    layout!(text, "bojagi_event", Event, token, events, reserved);
    layout!(
        text,
        "bojagi_option_info",
        OptionInfo,
        size,
        id,
        name,
        unit,
        value_type,
        flags,
        kinds,
        min,
        max
    );
    layout!(
        text,
        "bojagi_tcp_info",
        TcpInfo,
        size,
        valid,
        state,
        options,
        congestion_state,
        send_window_scale,
        recv_window_scale,
        rtt_us,
        rtt_variation_us,
        min_rtt_us,
        recv_rtt_us,
        retransmit_timeout_us,
        delayed_ack_us,
        send_mss,
        recv_mss,
        announced_mss,
        path_mtu,
        cwnd,
        ssthresh,
        recv_ssthresh,
        recv_space,
        reordering,
        unacked,
        sacked,
        lost,
        retransmits,
        retransmits_total,
        timeouts,
        probes,
        backoff,
        last_send_ms,
        last_recv_ms,
        last_ack_ms,
        segments_out,
        segments_in,
        data_segments_out,
        data_segments_in,
        unsent_bytes,
        delivered,
        delivered_ecn,
        duplicates,
        reorderings,
        out_of_order_in,
        send_window,
        recv_window,
        pacing_rate,
        pacing_rate_max,
        delivery_rate,
        bytes_acked,
        bytes_received,
        bytes_sent,
        bytes_retransmitted,
        busy_us,
        peer_limited_us,
        buffer_limited_us
    );
    layout!(text, "bojagi_queues", Queues, size, pending, backlog, unread, unacked, unsent);
    layout!(text, "bojagi_credentials", Credentials, size, uid, gid, pid);
    layout!(text, "bojagi_span", Span, off, len);
    layout!(text, "bojagi_fault", Fault, reason, status, offset);
    layout!(text, "bojagi_field", Field, name_off, name_len, id, value_off, value_len);
    layout!(text, "bojagi_field_line", FieldLine, name, name_len, value, value_len, id);
    layout!(
        text,
        "bojagi_rules",
        Rules,
        start_line_max,
        field_bytes_max,
        field_count_max,
        trailer_bytes_max,
        trailer_count_max,
        chunk_extension_max,
        body_max,
        flags
    );
    layout!(
        text,
        "bojagi_head",
        Head,
        content_length,
        length,
        field_count,
        method,
        target,
        reason_phrase,
        status,
        version,
        method_id,
        framing,
        target_form,
        flags,
        fault
    );
    layout!(text, "bojagi_body", Body, remaining, total, offset, span_count, framing, state, fault);
    layout!(text, "bojagi_connection", Connection, outgoing_left, fault, awaiting, peer_version);
    layout!(text, "bojagi_range", Range, first, last);
    layout!(text, "bojagi_date", Date, second, text);
    layout!(text, "bojagi_buffer", Buffer, data, cap, start, body, trailers, next, end);
    layout!(text, "bojagi_iovec", IoVec, data, len);
    layout!(
        text,
        "bojagi_frame_format",
        FrameFormat,
        size,
        kind,
        limit,
        flags,
        delimiter_len,
        delimiter
    );
    layout!(text, "bojagi_frame", Frame, off, len, searched);
    assert_eq!(text, include_str!("abi/layout.txt"));
}
