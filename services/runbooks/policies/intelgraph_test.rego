package intelgraph_test

import data.intelgraph

subjects := {"ann": ["analyst"], "rea": ["reader"]}

asked(person, action) := {"subject": {"id": person}, "action": {"name": action}, "resource": {"type": "entity"}}

test_an_analyst_writes_entities if {
	intelgraph.allow with input as asked("ann", "write") with data.subjects as subjects
}

test_a_reader_reads_and_does_not_write if {
	intelgraph.allow with input as asked("rea", "read") with data.subjects as subjects
	not intelgraph.allow with input as asked("rea", "write") with data.subjects as subjects
}

test_a_stranger_does_nothing if {
	not intelgraph.allow with input as asked("eve", "read") with data.subjects as subjects
}

test_an_empty_question_is_denied if {
	intelgraph.allow == false with input as {}
}
