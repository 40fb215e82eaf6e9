package service_test

asked(person, action) := {
	"subject": {"type": "user", "id": person},
	"action": {"name": action},
	"resource": {"type": "execution", "properties": {}},
	"context": {"now": "2026-03-01T12:00:00Z"},
}

test_an_operator_starts_and_cancels if {
	data.runbooks.service.allow with input as asked("analyst", "execution.start")
	data.runbooks.service.allow with input as asked("analyst", "execution.cancel")
}

test_an_operator_runs_again_and_others_do_not if {
	every action in ["execution.rerun", "execution.fork", "execution.rehearse"] {
		data.runbooks.service.allow with input as asked("analyst", action)
		not data.runbooks.service.allow with input as asked("ombuds-1", action)
		not data.runbooks.service.allow with input as asked("admin", action)
	}
}

test_an_operator_does_not_read_the_audit if {
	not data.runbooks.service.allow with input as asked("analyst", "audit.read")
}

test_an_auditor_verifies_and_reads_no_values if {
	data.runbooks.service.allow with input as asked("auditor-1", "manifest.read")
	data.runbooks.service.allow with input as asked("auditor-1", "audit.read")
	not data.runbooks.service.allow with input as asked("auditor-1", "value.read")
	not data.runbooks.service.allow with input as asked("auditor-1", "execution.start")
}

test_an_ombuds_speaks_and_starts_nothing if {
	data.runbooks.service.allow with input as asked("ombuds-1", "review.speak")
	not data.runbooks.service.allow with input as asked("ombuds-1", "execution.start")
}

test_an_approver_speaks if {
	data.runbooks.service.allow with input as asked("supervisor", "review.speak")
	data.runbooks.service.allow with input as asked("duty-officer", "review.speak")
}

test_an_admin_cancels_and_decides_nothing if {
	data.runbooks.service.allow with input as asked("admin", "execution.cancel")
	not data.runbooks.service.allow with input as asked("admin", "review.speak")
	not data.runbooks.service.allow with input as asked("admin", "value.read")
}

test_a_viewer_looks_and_does_nothing if {
	data.runbooks.service.allow with input as asked("vi", "value.read") with data.members as {"viewer": ["vi"]}
	not data.runbooks.service.allow with input as asked("vi", "execution.start") with data.members as {"viewer": ["vi"]}
}

test_a_stranger_does_nothing if {
	every action in data.rights.everyone {
		not data.runbooks.service.allow with input as asked("eve", action)
	}
}

test_everyone_is_no_role if {
	not data.runbooks.service.allow with input as asked("eve", "execution.read") with data.members as {"viewer": ["vi"]}
}

test_an_empty_question_is_denied if {
	data.runbooks.service.allow == false with input as {}
}
