package intelgraph_test

asked(person, action) := {"subject": {"id": person}, "action": {"name": action}, "resource": {"type": "entity"}}

test_an_analyst_writes_entities if {
	data.intelgraph.allow with input as asked("analyst", "write")
}

test_a_reader_reads_entities if {
	data.intelgraph.allow with input as asked("auditor-1", "read")
}

test_a_reader_does_not_write if {
	not data.intelgraph.allow with input as asked("auditor-1", "write")
}

test_a_stranger_does_nothing if {
	not data.intelgraph.allow with input as asked("eve", "read")
}

test_an_empty_question_is_denied if {
	data.intelgraph.allow == false with input as {}
}
