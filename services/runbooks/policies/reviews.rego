# Who may say what in a review. Nothing is allowed that no rule allows.
package runbooks.reviews

default allow := false

# Where a requirement names no group, whoever has a role that may say this; one person under two accounts is one person.
allow if {
	some role in data.subjects[input.subject.id]
	input.action.name in data.deciders[role]
	count(input.resource.properties.groups) == 0
	requester := input.resource.properties.requester
	object.get(data.persons, input.subject.id, input.subject.id) != object.get(data.persons, requester, requester)
}

allow if {
	some role in data.subjects[input.subject.id]
	input.action.name in data.deciders[role]
	role in input.resource.properties.groups
	requester := input.resource.properties.requester
	object.get(data.persons, input.subject.id, input.subject.id) != object.get(data.persons, requester, requester)
}
