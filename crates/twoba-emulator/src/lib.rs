//! Local 2BA: authorization server, sample services, faults and a journal to judge clients by.
