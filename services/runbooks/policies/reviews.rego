# Who may say what in a review. Nothing is allowed that no rule allows.
package runbooks.reviews

default allow := false

allow if {
	some role in data.subjects[input.subject.id]
	input.action.name in data.deciders[role]
	in_group
	not same_person
}

# One person under two accounts is one person.
same_person if data.persons[input.subject.id] == data.persons[input.resource.properties.requester]

in_group if count(input.resource.properties.groups) == 0

in_group if {
	some role in data.subjects[input.subject.id]
	role in input.resource.properties.groups
}
